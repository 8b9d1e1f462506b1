package org.probity.scoring;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/**
 * architecture.md: this module has no in-house dependency, so that a score cannot become evidence.
 * The build bans one; this test fails if the ban, or what it bans, ever changes.
 */
class NoInHouseDependencyTest {
  private static final String OURS = "org/probity/";
  private static final String OWN = "org/probity/scoring/";

  @Test
  void shouldDeclareNone() throws Exception {
    assertEquals(List.of(), inHouseDependencies(pom(Files.readAllBytes(Path.of("pom.xml")))));
  }

  @Test
  void shouldNoticeADeclaredOne() throws Exception {
    for (String group :
        List.of("org.probity", "${project.groupId}", " ${project.parent.groupId} ")) {
      Document planted =
          pom(
              ("<project><dependencies><dependency><groupId>"
                      + group
                      + "</groupId><artifactId>detector</artifactId></dependency></dependencies></project>")
                  .getBytes(StandardCharsets.UTF_8));

      assertEquals(List.of("detector"), inHouseDependencies(planted), group);
    }
  }

  @Test
  void shouldKeepTheBuildsBan() throws Exception {
    XPath xpath = XPathFactory.newInstance().newXPath();
    Document pom = pom(Files.readAllBytes(Path.of("pom.xml")));
    String ban =
        "//plugin[artifactId='maven-enforcer-plugin']//bannedDependencies[searchTransitive='true']";

    assertEquals("org.probity:*", xpath.evaluate(ban + "/excludes/exclude", pom).strip());
    assertEquals("", xpath.evaluate(ban + "/includes", pom));
    assertEquals("", xpath.evaluate("//enforcer.skip", pom));
  }

  @Test
  void shouldResolveNone() throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    assertEquals(List.of(), inHouseClasses(classPath));
    assertFalse(classPath.isEmpty(), "empty class path");
  }

  @Test
  void shouldNoticeAResolvedFolderOrJar(@TempDir Path dir) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("classes/" + OURS + "detector"));
    Files.createFile(folder.resolve("Node.class"));
    Path jar = dir.resolve("detector.jar");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry(OURS + "detector/Node.class"));
      out.closeEntry();
    }

    assertEquals(
        List.of("org/probity/detector/Node.class"), inHouseClasses(dir.resolve("classes") + ""));
    assertEquals(List.of("org/probity/detector/Node.class"), inHouseClasses(jar + ""));
  }

  @Test
  void shouldImportNone() {
    JavaClasses own =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.probity");

    knowsOnly("org.probity..", "org.probity.scoring..").check(own);
  }

  @Test
  void shouldNoticeAnImport() {
    String root = "org.probity.scoring.planted";
    JavaClasses planted = new ClassFileImporter().importPackages(root);

    assertTrue(knowsOnly(root + "..", root + ".own..").evaluate(planted).hasViolation());
  }

  private static ArchRule knowsOnly(String ours, String own) {
    return ArchRuleDefinition.noClasses()
        .should()
        .dependOnClassesThat(resideInAPackage(ours).and(not(resideInAPackage(own))))
        .allowEmptyShould(true);
  }

  private static Document pom(byte[] xml) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml));
  }

  private static List<String> inHouseDependencies(Document pom) throws Exception {
    XPath xpath = XPathFactory.newInstance().newXPath();
    NodeList dependencies = (NodeList) xpath.evaluate("//dependency", pom, XPathConstants.NODESET);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < dependencies.getLength(); i++) {
      String group = xpath.evaluate("groupId", dependencies.item(i)).strip();
      if (group.startsWith("org.probity") || group.startsWith("${")) {
        found.add(xpath.evaluate("artifactId", dependencies.item(i)).strip());
      }
    }
    return found;
  }

  /** The classes of Probity on a class path that are not this module's. */
  private static List<String> inHouseClasses(String classPath) throws IOException {
    List<String> found = new ArrayList<>();
    for (String element : classPath.split(File.pathSeparator, -1)) {
      Path path = Path.of(element);
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          files
              .filter(Files::isRegularFile)
              .map(file -> path.relativize(file).toString().replace(File.separatorChar, '/'))
              .forEach(found::add);
        }
      } else if (Files.isRegularFile(path)) {
        try (ZipFile jar = new ZipFile(path.toFile())) {
          Enumeration<? extends ZipEntry> entries = jar.entries();
          while (entries.hasMoreElements()) {
            found.add(entries.nextElement().getName());
          }
        }
      }
    }
    return found.stream()
        .filter(name -> name.startsWith(OURS) && name.endsWith(".class") && !name.startsWith(OWN))
        .toList();
  }
}

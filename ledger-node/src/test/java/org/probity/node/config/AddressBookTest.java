package org.probity.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.node.config.ConfigException.Problem;

class AddressBookTest {
  @TempDir Path directory;

  private Path write(String yaml) throws IOException {
    Path file = directory.resolve("address-book.yaml");
    Files.writeString(file, yaml);
    return file;
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Map<String, URI> urls = new LinkedHashMap<>();
    urls.put("bank-b", URI.create("https://node.bank-b.example:7402"));
    urls.put("bank-a", URI.create("https://[2001:db8::1]:1"));
    AddressBook book = AddressBook.load(write(AddressBook.format(urls)));
    assertEquals(List.of("bank-b", "bank-a"), List.copyOf(book.nodes()));
    assertEquals(Optional.of(urls.get("bank-a")), book.resolve("bank-a"));
    assertEquals(Optional.of(urls.get("bank-b")), book.resolve("bank-b"));
    assertEquals(Optional.empty(), book.resolve("bank-c"));
  }

  @Test
  void portZeroIsLookedUpWhereTheNodeSaidItself() throws IOException {
    AddressBook book = AddressBook.load(write("nodes:\n  bank-a: https://localhost:0\n"));
    assertEquals(Optional.empty(), book.resolve("bank-a"));
    Path ready = directory.resolve("nodes/bank-a/ready.json");
    Files.createDirectories(ready.getParent());
    Files.writeString(ready, "{\"node\":\"bank-a\",\"peerUrl\":\"https://localhost:4711\"}");
    assertEquals(Optional.of(URI.create("https://localhost:4711")), book.resolve("bank-a"));
    for (String broken :
        List.of("", "{", "{}", "{\"peerUrl\":7}", "{\"peerUrl\":\"https://localhost:0\"}")) {
      Files.writeString(ready, broken);
      assertEquals(Optional.empty(), book.resolve("bank-a"), broken);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:1",
        "https://localhost",
        "https://localhost:1/path",
        "https://user@localhost:1",
        "https://localhost:1?x",
        "https://localhost:65536",
        "localhost:1",
        "https://:1",
        "''",
        "7"
      })
  void anAddressIsASchemeAHostAndAPort(String url) throws IOException {
    Path file = write("nodes:\n  bank-a: " + url + "\n");
    List<Problem> problems =
        assertThrows(ConfigException.class, () -> AddressBook.load(file)).problems();
    assertEquals(1, problems.size());
    assertEquals("nodes.bank-a", problems.get(0).field());
  }

  @Test
  void anythingElseInTheFileIsFatal() throws IOException {
    Path file = write("nodes:\n  Bank A: https://localhost:1\npeers: {}\n");
    List<Problem> problems =
        assertThrows(ConfigException.class, () -> AddressBook.load(file)).problems();
    assertEquals(List.of("peers", "nodes.Bank A"), problems.stream().map(Problem::field).toList());
    Path empty = write("{}\n");
    assertThrows(ConfigException.class, () -> AddressBook.load(empty));
  }
}

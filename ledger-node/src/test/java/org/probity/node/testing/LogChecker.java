package org.probity.node.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A checker of logs that nobody here wrote the cryptography of: {@code src/test/go/checklog} on the
 * Go project's {@code sumdb/tlog} and {@code sumdb/note}, as Debian packages them.
 */
public final class LogChecker {
  private static final Path GO_PATH = Path.of("/usr/share/gocode");

  private final Path program;
  private final Path ca;

  private LogChecker(Path program, Path ca) {
    this.program = program;
    this.ca = ca;
  }

  /** How it ended. */
  public record Result(int exit, String stdout, String stderr) {}

  /** Builds it, or skips the test where there is no Go; takes some seconds the first time. */
  public static LogChecker build(Path directory) throws Exception {
    Path go = RequiredTool.find("go");
    RequiredTool.directory(
        GO_PATH.resolve("src/golang.org/x/mod/sumdb/tlog"), "golang-golang-x-mod-dev");
    Path program = directory.resolve("checklog");
    Result built =
        run(
            directory,
            Map.of("GO111MODULE", "off", "GOPATH", GO_PATH.toString(), "GOFLAGS", ""),
            List.of(
                go.toString(),
                "build",
                "-o",
                program.toString(),
                Path.of("src/test/go/checklog/main.go").toAbsolutePath().toString()));
    if (built.exit() != 0) {
      throw new AssertionError("go build: " + built.stderr());
    }
    return new LogChecker(program, directory.resolve("ca.pem"));
  }

  /** The same, for servers with a certificate of this authority. */
  public LogChecker trusting(X509Certificate authority)
      throws IOException, CertificateEncodingException {
    writePem(ca, authority);
    return this;
  }

  private static void writePem(Path file, X509Certificate certificate)
      throws IOException, CertificateEncodingException {
    String base64 = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
    Files.writeString(
        file, "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
  }

  /**
   * Checks a whole log and receipts out of it; exit 0 and a line of JSON, or 1 and the reason.
   *
   * @param receipts their URLs
   */
  public Result check(String logUrl, String origin, String vkey, List<String> receipts)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(program.toString(), "-log", logUrl, "-origin", origin));
    command.addAll(List.of("-vkey", vkey, "-ca", ca.toString()));
    command.addAll(List.of("-receipts", String.join(",", receipts)));
    return run(ca.getParent(), Map.of(), command);
  }

  private static Result run(Path directory, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path stdout = directory.resolve("stdout");
    Path stderr = directory.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command.get(0) + " did not end");
    }
    return new Result(
        process.exitValue(),
        Files.readString(stdout, StandardCharsets.UTF_8),
        Files.readString(stderr, StandardCharsets.UTF_8));
  }
}

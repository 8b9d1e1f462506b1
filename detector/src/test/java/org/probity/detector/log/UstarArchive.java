package org.probity.detector.log;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** Reads the files of a .tar.gz of the plain ustar kind, as much of it as test vectors need. */
final class UstarArchive {
  private static final int BLOCK = 512;

  private UstarArchive() {}

  /** File contents by path, directories left out. */
  static Map<String, byte[]> files(byte[] gzipped) {
    byte[] tar;
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzipped))) {
      tar = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, byte[]> files = new TreeMap<>();
    int at = 0;
    while (at + BLOCK <= tar.length && tar[at] != 0) {
      String name = text(tar, at, 100);
      String prefix = text(tar, at + 345, 155);
      int size = Integer.parseInt(text(tar, at + 124, 12).trim(), 8);
      char type = (char) tar[at + 156];
      if (type == '0' || type == 0) {
        byte[] content = new byte[size];
        System.arraycopy(tar, at + BLOCK, content, 0, size);
        files.put(prefix.isEmpty() ? name : prefix + "/" + name, content);
      }
      at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    return files;
  }

  private static String text(byte[] tar, int from, int maxLength) {
    int length = 0;
    while (length < maxLength && tar[from + length] != 0) {
      length++;
    }
    return new String(tar, from, length, StandardCharsets.US_ASCII);
  }
}

package org.probity.simulation.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ChartTest {
  private static final Chart CHART =
      new Chart(
          "Bytes < messages & more",
          "nodes",
          "bytes",
          List.of(
              new Chart.Series(
                  "2 witnesses", List.of(new Chart.Point(5, 100), new Chart.Point(200, 1_180))),
              new Chart.Series("3 witnesses", List.of(new Chart.Point(5, 150)))));

  @Test
  void aChartIsWellFormed() throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(CHART.svg())));

    assertEquals("svg", document.getDocumentElement().getTagName());
    assertEquals(2, document.getElementsByTagName("polyline").getLength());
    assertEquals(3, document.getElementsByTagName("circle").getLength());
    assertEquals(
        "Bytes < messages & more", document.getElementsByTagName("title").item(0).getTextContent());
  }

  @Test
  void theAxisEndsAtARoundNumberAboveEverything() {
    assertTrue(CHART.svg().contains(">1,500<"), CHART.svg());
  }

  @Test
  void theSameSeriesGiveTheSameBytes() {
    assertEquals(CHART.svg(), CHART.svg());
  }

  @Test
  void aChartOfNothingIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Chart("t", "x", "y", List.of(new Chart.Series("none", List.of()))));
  }
}

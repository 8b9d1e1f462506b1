package org.probity.simulation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A line chart as SVG text: a few series over one axis, with a legend, readable in black and white.
 * Immutable; the same series give the same bytes.
 *
 * @param title above
 * @param across what runs from left to right
 * @param upward what runs from below to above; begins at 0
 */
public record Chart(String title, String across, String upward, List<Series> series) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int LEFT = 76;
  private static final int RIGHT = 132;
  private static final int TOP = 56;
  private static final int BOTTOM = 56;
  private static final int TICKS = 5;

  /** As a pattern of dashes. */
  private static final String SOLID = "1 0";

  private static final List<String> COLOURS =
      List.of("#1b5e8c", "#b3541e", "#3b7d3a", "#7a3b8f", "#444444");
  private static final List<String> DASHES = List.of("", "6 3", "2 3", "9 3 2 3", "1 2");

  /** One line. */
  public record Series(String name, List<Point> points) {
    public Series {
      points = List.copyOf(points);
    }
  }

  public record Point(double x, double y) {}

  public Chart {
    series = List.copyOf(series);
    if (series.stream().allMatch(one -> one.points().isEmpty())) {
      throw new IllegalArgumentException("a chart has at least one point");
    }
  }

  /** The whole document. */
  public String svg() {
    double mostX = most(point -> point.x());
    double leastX = -most(point -> -point.x());
    double mostY = ceiling(most(point -> point.y()));
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                + " font-family=\"sans-serif\" font-size=\"12\">\n",
            WIDTH,
            HEIGHT));
    out.append("<title>").append(escaped(title)).append("</title>\n");
    out.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    text(out, LEFT, 24, "start", "15", title);
    for (int i = 0; i <= TICKS; i++) {
      double value = mostY * i / TICKS;
      double y = y(value, mostY);
      line(out, LEFT, y, WIDTH - RIGHT, y, "#dddddd", "");
      text(out, LEFT - 8, y + 4, "end", "12", number(value));
    }
    for (double x : xs()) {
      double at = x(x, leastX, mostX);
      line(out, at, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 5, "#444444", "");
      text(out, at, HEIGHT - BOTTOM + 19, "middle", "12", number(x));
    }
    line(out, LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#444444", "");
    text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", "12", across);
    text(out, LEFT, 46, "start", "12", upward);
    for (int i = 0; i < series.size(); i++) {
      draw(out, i, leastX, mostX, mostY);
    }
    return out.append("</svg>\n").toString();
  }

  private void draw(StringBuilder out, int number, double leastX, double mostX, double mostY) {
    String colour = COLOURS.get(number % COLOURS.size());
    String dash = DASHES.get(number % DASHES.size());
    Series one = series.get(number);
    StringBuilder path = new StringBuilder();
    for (Point point : one.points()) {
      double x = x(point.x(), leastX, mostX);
      double y = y(point.y(), mostY);
      path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
      out.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
              x,
              y,
              colour));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\""
                + " stroke-dasharray=\"%s\"/>\n",
            path.toString().trim(),
            colour,
            dash.isEmpty() ? "none" : dash));
    double y = TOP + 14 + 18.0 * number;
    int beside = WIDTH - RIGHT + 12;
    line(out, beside, y - 4, beside + 28, y - 4, colour, dash.isEmpty() ? SOLID : dash);
    text(out, beside + 34, y, "start", "12", one.name());
  }

  private List<Double> xs() {
    List<Double> xs = new ArrayList<>();
    series.forEach(
        one -> one.points().stream().map(Point::x).filter(x -> !xs.contains(x)).forEach(xs::add));
    return xs;
  }

  private interface Measure {
    double of(Point point);
  }

  private double most(Measure measure) {
    return series.stream()
        .flatMap(one -> one.points().stream())
        .mapToDouble(measure::of)
        .max()
        .orElseThrow();
  }

  /** A round number that is not below. */
  private static double ceiling(double value) {
    if (value <= 0) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double factor : new double[] {1, 1.5, 2, 3, 4, 5, 7.5, 10}) {
      if (factor * power >= value) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static double x(double value, double least, double most) {
    return most == least
        ? (LEFT + WIDTH - RIGHT) / 2.0
        : LEFT + 12 + (value - least) / (most - least) * (WIDTH - RIGHT - LEFT - 24);
  }

  private static double y(double value, double most) {
    return HEIGHT - BOTTOM - value / most * (HEIGHT - BOTTOM - TOP);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private static void line(
      StringBuilder out, double x1, double y1, double x2, double y2, String colour, String dash) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                + " stroke-width=\"%s\" stroke-dasharray=\"%s\"/>\n",
            x1,
            y1,
            x2,
            y2,
            colour,
            dash.isEmpty() ? "1" : "2",
            dash.isEmpty() ? "none" : dash));
  }

  private static void text(
      StringBuilder out, double x, double y, String anchor, String size, String what) {
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%s\" fill=\"#222222\">%s</text>\n",
            x,
            y,
            anchor,
            size,
            escaped(what)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

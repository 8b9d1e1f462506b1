package org.probity.node.http.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Hands an endless answer on line by line (UTF-8, ended by LF). A line of more than so many bytes
 * ends the stream, so a node that never ends one costs no more memory than that.
 */
final class BoundedLines implements HttpResponse.BodySubscriber<@Nullable Void> {
  private final EventStream stream;
  private final int maxLineBytes;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final CompletableFuture<@Nullable Void> whole = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  BoundedLines(EventStream stream, int maxLineBytes) {
    this.stream = stream;
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public CompletionStage<@Nullable Void> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    stream.opened(given);
    given.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> chunk) {
    for (ByteBuffer part : chunk) {
      while (part.hasRemaining() && stream.isOpen()) {
        take(part.get());
      }
    }
    if (subscription != null && stream.isOpen()) {
      subscription.request(1);
    }
  }

  private void take(byte next) {
    if (next == '\n') {
      stream.line(line.toString(StandardCharsets.UTF_8));
      line.reset();
    } else if (line.size() < maxLineBytes) {
      line.write(next);
    } else {
      IOException tooLong = new IOException("a line of more than " + maxLineBytes + " bytes");
      stream.fail(tooLong);
      whole.completeExceptionally(tooLong);
      stream.close();
    }
  }

  @Override
  public void onError(Throwable failure) {
    stream.fail(failure);
    whole.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    stream.ended();
    whole.complete(null);
  }
}

package org.probity.demo.objects;

import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;

/**
 * Put and get of objects, with copies on other nodes. Formats and state: package documentation.
 *
 * <p>Without a state of its own; one instance serves all threads. Cost: a put reads and writes one
 * object and sends one message per copy; a get reads one object.
 */
public final class ObjectStoreProgram implements Program {
  /** Change with every change of what any input does, however small. */
  private static final String RULES = "probity-objects/1 rules 1";

  private static final byte CLIENT = 'c';
  private static final byte OBJECT = 'o';
  private static final Bytes PRESENT = Bytes.of((byte) 1);

  /** The hashes beside a path among a million keys, with the key itself and its CBOR. */
  private static final int PATH_BYTES = 800;

  private static final int CLIENT_ROW_BYTES = PATH_BYTES;
  private static final int OBJECT_ROW_BYTES = PATH_BYTES + StoredObject.MAX_BYTES;

  /** The SEND in the log, and its place among the open ones. */
  private static final int COPY_BYTES = PATH_BYTES + ObjectCopy.MAX_BYTES;

  @Override
  public String rules() {
    return RULES;
  }

  /** Throws IllegalArgumentException unless {@link ObjectStoreParameters#decode} accepts it. */
  @Override
  public void initialise(Bytes parameters, Context context) {
    try {
      for (PublicKey client : ObjectStoreParameters.decode(parameters).clients()) {
        context.state().put(clientKey(client.toBytes()), PRESENT);
      }
    } catch (DecodeException e) {
      throw new IllegalArgumentException("object store parameters: " + e.getMessage(), e);
    }
  }

  /** A client of the consortium, for itself and alone. */
  @Override
  public boolean authorises(Submission submission, Context context) {
    Bytes submitter = submission.transaction().submitter();
    return submission.signers().size() == 1
        && submission.signers().get(0).toBytes().equals(submitter)
        && context.state().get(clientKey(submitter)) != null;
  }

  @Override
  public int transactionFootprint(Transaction transaction) {
    try {
      return ObjectOperation.decode(transaction.body()) instanceof ObjectOperation.Put put
          ? CLIENT_ROW_BYTES + OBJECT_ROW_BYTES + put.copies().size() * COPY_BYTES
          : CLIENT_ROW_BYTES + OBJECT_ROW_BYTES;
    } catch (DecodeException e) {
      // Refused before any object is looked at.
      return CLIENT_ROW_BYTES;
    }
  }

  /** Nothing is sent in answer to a copy. */
  @Override
  public int messageFootprint(Bytes payload) {
    return OBJECT_ROW_BYTES;
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    try {
      ObjectOperation operation = ObjectOperation.decode(submission.body());
      ObjectResult result =
          operation instanceof ObjectOperation.Put put
              ? put(put, submission.transaction().submitter(), context)
              : get((ObjectOperation.Get) operation, context);
      return result.encode();
    } catch (DecodeException e) {
      return ObjectResult.of(ObjectResult.Code.MALFORMED).encode();
    }
  }

  private static ObjectResult put(ObjectOperation.Put put, Bytes client, Context context) {
    // All that can fail comes before the first write: a refused put leaves nothing behind.
    if (!put.copies().stream().allMatch(context::isPeer)) {
      return ObjectResult.of(ObjectResult.Code.NO_SUCH_NODE);
    }
    Bytes key = objectKey(context.self(), put.name());
    @Nullable StoredObject before = object(key, context);
    if (before != null && !before.owner().equals(client)) {
      return ObjectResult.of(ObjectResult.Code.NOT_THE_OWNER);
    }
    context.state().put(key, new StoredObject(client, put.content()).encode());
    Bytes copy = new ObjectCopy(put.name(), client, put.content()).encode();
    put.copies().forEach(node -> context.send(node, copy));
    return ObjectResult.of(ObjectResult.Code.STORED);
  }

  private static ObjectResult get(ObjectOperation.Get get, Context context) {
    @Nullable StoredObject object = object(objectKey(get.home(), get.name()), context);
    return object == null
        ? ObjectResult.of(ObjectResult.Code.NO_SUCH_OBJECT)
        : ObjectResult.found(object.content());
  }

  /** Messages of one node come in order, so the last copy is the newest. */
  @Override
  public void receive(String from, Bytes payload, Context context) {
    try {
      ObjectCopy copy = ObjectCopy.decode(payload);
      context
          .state()
          .put(
              objectKey(from, copy.name()),
              new StoredObject(copy.owner(), copy.content()).encode());
    } catch (DecodeException e) {
      // SPEC Program#receive: what makes no sense is ignored. The log keeps it, with its sender.
      return;
    }
  }

  /** A copy that never got to a node the members have revoked: the object here stands. */
  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {}

  /** No object expires. */
  @Override
  public void tick(Context context) {}

  private static @Nullable StoredObject object(Bytes key, Context context) {
    @Nullable Bytes value = context.state().get(key);
    return value == null ? null : StoredObject.decode(value);
  }

  private static Bytes clientKey(Bytes client) {
    return tagged(CLIENT, client);
  }

  /** By hash: names that clients choose cannot make paths in the state, and so proofs, long. */
  private static Bytes objectKey(String home, String name) {
    byte[] id = new CborWriter().array(2).text(home).text(name).toByteArray();
    return tagged(OBJECT, Hash.sha256(id).toBytes());
  }

  private static Bytes tagged(byte table, Bytes rest) {
    byte[] key = new byte[1 + rest.size()];
    key[0] = table;
    System.arraycopy(rest.unsafeArray(), 0, key, 1, rest.size());
    return Bytes.wrap(key);
  }
}

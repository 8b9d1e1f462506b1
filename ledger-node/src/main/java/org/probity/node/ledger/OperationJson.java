package org.probity.node.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;

/** Operations as JSON: what they are called, whom they touch, amounts in minor units. */
public final class OperationJson implements Operation.Handler<ObjectNode> {
  private static final OperationJson INSTANCE = new OperationJson();

  private OperationJson() {}

  /** For example {@code {"operation":"transfer","payer","payee","amountMinor"}}. */
  public static ObjectNode of(Operation operation) {
    return operation.accept(INSTANCE);
  }

  private static ObjectNode named(String name) {
    return JsonNodeFactory.instance.objectNode().put("operation", name);
  }

  private static ObjectNode with(ObjectNode json, References references) {
    return references.endToEndId().isEmpty()
        ? json
        : json.put("endToEndId", references.endToEndId());
  }

  @Override
  public ObjectNode defineAsset(Operation.DefineAsset operation) {
    return named("defineAsset")
        .put("asset", operation.asset().id().toString())
        .put("code", operation.asset().code())
        .put("scale", operation.asset().scale());
  }

  @Override
  public ObjectNode openAccount(Operation.OpenAccount operation) {
    return named("openAccount")
        .put("account", operation.account().toString())
        .put("asset", operation.asset().toString())
        .put("flags", operation.flags());
  }

  @Override
  public ObjectNode closeAccount(Operation.CloseAccount operation) {
    return named("closeAccount").put("account", operation.account().toString());
  }

  @Override
  public ObjectNode freezeAccount(Operation.FreezeAccount operation) {
    return named("freezeAccount").put("account", operation.account().toString());
  }

  @Override
  public ObjectNode unfreezeAccount(Operation.UnfreezeAccount operation) {
    return named("unfreezeAccount").put("account", operation.account().toString());
  }

  @Override
  public ObjectNode issue(Operation.Issue operation) {
    ObjectNode json =
        named("issue")
            .put("asset", operation.asset().toString())
            .put("payee", operation.payee().toString())
            .put("amountMinor", operation.amountMinor().toString());
    return with(json, operation.references());
  }

  @Override
  public ObjectNode redeem(Operation.Redeem operation) {
    ObjectNode json =
        named("redeem")
            .put("payer", operation.payer().toString())
            .put("amountMinor", operation.amountMinor().toString());
    return with(json, operation.references());
  }

  @Override
  public ObjectNode transfer(Operation.Transfer operation) {
    ObjectNode json =
        named("transfer")
            .put("payer", operation.payer().toString())
            .put("payee", operation.payee().toString())
            .put("amountMinor", operation.amountMinor().toString());
    return with(json, operation.references());
  }

  @Override
  public ObjectNode remit(Operation.Remit operation) {
    ObjectNode json =
        named("remit")
            .put("payer", operation.payer().toString())
            .put("node", operation.node())
            .put("payee", operation.payee().toString())
            .put("amountMinor", operation.amountMinor().toString());
    return with(json, operation.references());
  }
}

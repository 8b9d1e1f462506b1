package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Refusal;

/**
 * Which of the actions that members can decide this version carries out, and how far. The others
 * are refused when they are proposed and again when they are decided, so that nobody votes for what
 * would change the state and nothing else.
 *
 * <ul>
 *   <li>{@code beyond_unsupported}: an incarnation.approve that names what peers have of the closed
 *       incarnation and its closed log does not show;
 *   <li>{@code parameter_fixed}: {@code maxBatchEntries}, {@code maxBatchBytes} and {@code
 *       chunkEntries}. The limits of a batch are those of genesis for good: they judge entries
 *       without state, so a log that followed a change would be convicted by whoever does not know
 *       of it. The chunks of an audit are as large as every witness's schedule was begun with, and
 *       the bound on how long an entry waits holds for that size.
 * </ul>
 */
public final class CarriedOut {
  private CarriedOut() {}

  /** Why the action is not carried out in this version, whatever the rules of governance say. */
  public static Optional<Refusal> refusal(Action action, GovernanceState state) {
    return action.handle(new Actions(state));
  }

  private record Actions(GovernanceState state) implements Action.Handler<Optional<Refusal>> {
    @Override
    public Optional<Refusal> submitEvidence(Action.SubmitEvidence action) {
      return Optional.empty();
    }

    @Override
    public Optional<Refusal> suspendNode(Action.SuspendNode action) {
      return Optional.empty();
    }

    @Override
    public Optional<Refusal> revokeNode(Action.RevokeNode action) {
      return Optional.empty();
    }

    @Override
    public Optional<Refusal> readmitNode(Action.ReadmitNode action) {
      return Optional.empty();
    }

    @Override
    public Optional<Refusal> approveIncarnation(Action.ApproveIncarnation action) {
      return action.beyond().isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Refusal(
                  "beyond_unsupported",
                  "peers hold more than the closed log shows; this version carries none of it"
                      + " over"));
    }

    @Override
    public Optional<Refusal> setParameters(Action.SetParameters action) {
      Parameters now = state.parameters();
      Parameters next = action.parameters();
      // The constructor's rules hold: what is replaced was valid beside both.
      Parameters allowed =
          new Parameters(
              next.faults(),
              next.witnesses(),
              next.cosignatures(),
              next.bootAnswers(),
              now.maxBatchEntries(),
              now.maxBatchBytes(),
              now.chunkEntries(),
              next.horizonMillis());
      return next.equals(allowed)
          ? Optional.empty()
          : Optional.of(
              new Refusal(
                  "parameter_fixed",
                  "maxBatchEntries, maxBatchBytes and chunkEntries are those of genesis for good"));
    }

    @Override
    public Optional<Refusal> reassignWitnesses(Action.ReassignWitnesses action) {
      return Optional.empty();
    }
  }
}

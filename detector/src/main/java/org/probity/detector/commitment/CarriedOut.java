package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Refusal;

/**
 * Which of the actions that members can decide this version carries out. The others are refused
 * when they are proposed and again when they are decided, so that nobody votes for what would
 * change the state and nothing else.
 *
 * <ul>
 *   <li>{@code action_unsupported}: incarnation.approve and witness.reassign;
 *   <li>{@code parameter_fixed}: any parameter but the horizon. The limits of a batch are those of
 *       genesis for good: they judge entries without state, so a log that followed a change would
 *       be convicted by whoever does not know of it.
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
      return unsupported("incarnation.approve");
    }

    @Override
    public Optional<Refusal> setParameters(Action.SetParameters action) {
      Parameters now = state.parameters();
      Parameters next = action.parameters();
      Parameters allowed =
          new Parameters(
              now.faults(),
              now.witnesses(),
              now.cosignatures(),
              now.bootAnswers(),
              now.maxBatchEntries(),
              now.maxBatchBytes(),
              now.chunkEntries(),
              next.horizonMillis());
      return next.equals(allowed)
          ? Optional.empty()
          : Optional.of(
              new Refusal("parameter_fixed", "in this version only the horizon can be changed"));
    }

    @Override
    public Optional<Refusal> reassignWitnesses(Action.ReassignWitnesses action) {
      return unsupported("witness.reassign");
    }

    private static Optional<Refusal> unsupported(String action) {
      return Optional.of(
          new Refusal("action_unsupported", "this version does not carry out " + action));
    }
  }
}

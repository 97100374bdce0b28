import { failure } from '../../../shared/errors/failure.ts';
import type { DrillAct } from '../../../shared/contract/drill.ts';
import { kindOf, undoOf, type ChangeOf, type ServerChange } from '../../../shared/changes/index.ts';
import { isSameAddress } from '../../../shared/model/address.ts';
import { DraftBuilder, type PlannedStep } from '../../../shared/plan/draft.ts';
import { connectionsOver } from '../../../shared/plan/nic/connections.ts';
import type { InitiatorObserved, Observed } from '../../../shared/plan/observed.ts';
import { observeCluster } from '../areas/listed.ts';
import { observeInitiator } from '../areas/initiator.ts';
import { observeNetwork } from '../areas/network.ts';
import type { Server } from '../plans/server.ts';
import { isSameName } from '../../../shared/model/names.ts';

const refuse = (because: string): Error => failure('DRILL_REFUSED', { because }, { effect: 'none' });

/** What is taken away on one server, ready to be made and taken back. */
export interface TakenAway {
  readonly node: string;
  readonly steps: readonly PlannedStep[];
}

interface Pair {
  readonly off: ServerChange;
  /** Left out: what the change itself names. */
  readonly on?: readonly ServerChange[];
}

const logOffs = (observed: InitiatorObserved, isMeant: (from: string, to: string, target: string) => boolean): Pair[] =>
  (observed.state.sessions ?? []).flatMap((session): Pair[] => {
    const [connection] = session.connections ?? [];
    if (!connection || !isMeant(connection.initiatorAddress, connection.targetAddress, session.targetNodeAddress))
      return [];
    const off: ChangeOf<'initiator.logOff'> = {
      do: 'initiator.logOff',
      sessionIdentifier: session.sessionIdentifier,
    };
    const undo = undoOf(off, observed);
    const again = undo?.changes.find((one) => one.do === 'initiator.logOn');
    if (!again)
      throw refuse(
        `the session to ${session.targetNodeAddress} uses CHAP, and its secret would have to lie in a task of Windows so that the server could log on again by itself`,
      );
    return [{ off, on: [{ ...again, isMultipathEnabled: true, isPersistent: session.isPersistent }] }];
  });

const pairsOf = async (
  server: Server,
  act: DrillAct,
  signal: AbortSignal,
): Promise<{ readonly pairs: readonly Pair[]; readonly observed: Observed; readonly node: string }> => {
  switch (act.kind) {
    case 'nic': {
      const network = await observeNetwork(server, signal);
      const nic = network.nics.find(({ name }) => isSameName(name, act.nic));
      if (!nic) throw failure('NIC_NOT_FOUND', { nic: act.nic });
      if (nic.adminStatus !== 'up') throw refuse(`${nic.name} of ${network.node} is disabled already`);
      const carried = connectionsOver(nic, network);
      if (carried === null || carried.length > 0)
        throw refuse(
          `${nic.name} of ${network.node} carries a connection from ${carried?.[0]?.remoteAddress ?? 'an address that could not be read'}, which would be cut`,
        );
      const off: ServerChange = { do: 'nic.setEnabled', nic: nic.interfaceGuid, enabled: false };
      return { pairs: [{ off }], observed: { network }, node: network.node };
    }
    case 'path': {
      const initiator = await observeInitiator(server, signal);
      const own = (initiator.nics ?? []).find(({ name }) => isSameName(name, act.nic))?.addresses ?? [];
      const pairs = logOffs(
        initiator,
        (from, to) => isSameAddress(to, act.portal) && own.some(({ address }) => isSameAddress(address, from)),
      );
      if (pairs.length === 0) throw refuse(`${initiator.node} has no session from ${act.nic} to ${act.portal}`);
      return { pairs, observed: { initiator }, node: initiator.node };
    }
    case 'target': {
      const initiator = await observeInitiator(server, signal);
      const pairs = logOffs(initiator, (_from, _to, target) => isSameName(target, act.target));
      if (pairs.length === 0) throw refuse(`${initiator.node} has no session to ${act.target}`);
      return { pairs, observed: { initiator }, node: initiator.node };
    }
    case 'node': {
      const cluster = await observeCluster(server, signal);
      if (cluster.state.membership !== 'member') throw refuse(`the cluster service on ${cluster.node} does not run`);
      return {
        pairs: [{ off: { do: 'cluster.stopNode', node: cluster.node } }],
        observed: { cluster },
        node: cluster.node,
      };
    }
    case 'witness': {
      const cluster = await observeCluster(server, signal);
      const witness = cluster.state.cluster?.witness;
      if (!witness?.resource) throw refuse('the cluster has no witness that could be read');
      if (witness.state !== 'online') throw refuse(`the witness ${witness.resource} is not online`);
      const off: ServerChange = { do: 'cluster.takeWitnessOffline', resource: witness.resource };
      return { pairs: [{ off }], observed: { cluster }, node: cluster.node };
    }
  }
};

/** What an act comes to on this server as it is now. Throws DRILL_REFUSED, NIC_NOT_FOUND. */
export const takeAway = async (
  server: Server,
  act: DrillAct,
  title: string,
  signal: AbortSignal,
): Promise<TakenAway> => {
  const { pairs, observed, node } = await pairsOf(server, act, signal);
  const builder = new DraftBuilder(node, title);
  for (const { off, on } of pairs) {
    const kind = kindOf(off);
    const part = observed[kind.area]!;
    const words = kind.words(off, part);
    const undo = undoOf(off, part);
    if (!undo) throw refuse(`nothing takes back "${words.title}"`);
    builder.step({
      change: off,
      ...words,
      why: 'The drill shows whether the cluster does without it.',
      undo: { text: undo.text, changes: on ?? undo.changes },
      subject: kind.subject(off),
    });
  }
  return { node, steps: builder.build().steps };
};

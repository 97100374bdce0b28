import {
  measureAnswer,
  measureEnd,
  measureEnds,
  measureHear,
  measureLink,
  measureTell,
  peersExportMatrix,
  peersMatrices,
  peersMatrix,
  peersReadMatrix,
} from '../../shared/contract/matrix.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { MeasurePort } from '../ports/measure-port.ts';
import type { Peers } from '../peer/peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

/** The network matrix: bound here, loaded when it is first called. */
export const matrixImplementations = (
  settings: CoreSettings,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => {
  const isLinux = !settings.localServer && process.platform !== 'win32';
  const onPort = async <T>(work: (port: MeasurePort) => Promise<T>): Promise<T> => {
    if (!isLinux) return onServer(localServer, ({ ports }) => work(ports.measure));
    const [{ linuxMeasure }, { measureSockets }] = await Promise.all([
      import('../linux/measure.ts'),
      import('./measure-sockets.ts'),
    ]);
    return work(linuxMeasure(measureSockets));
  };

  const assertOurs = (addresses: readonly string[], signal: AbortSignal): Promise<void> =>
    onPort(async (port) => {
      const { assertOwn } = await import('../operations/peers/measured-ends.ts');
      await assertOwn(port, addresses, { signal });
    });

  const kept = async () => {
    const { KeptMatrices } = await import('../operations/peers/kept-matrices.ts');
    return new KeptMatrices(settings.dataFolder);
  };

  return [
    implement(peersMatrix, async ({ portals, servers: wanted, settings: how }, { signal, progress }) => {
      const [{ measureMatrix }, { chosenOf }, group, matrices] = await Promise.all([
        import('../operations/peers/measure-matrix.ts'),
        import('../operations/peers/group.ts'),
        peers.group(),
        kept(),
      ]);
      const matrix = await measureMatrix(chosenOf(group, wanted), {
        id: matrices.newId(new Date()),
        isRehearsal: settings.localServer !== undefined,
        settings: how,
        portals,
        now: () => new Date(),
        progress,
        signal,
      });
      matrices.keep(matrix);
      return matrix;
    }),
    implement(peersMatrices, async () => ({ matrices: (await kept()).list() })),
    implement(peersReadMatrix, async ({ id }) => {
      const matrices = await kept();
      return { matrix: id === null ? matrices.last() : matrices.read(id) };
    }),
    implement(peersExportMatrix, async (input, { signal }) => {
      const [{ exportMatrix }, { localFiles }, { electronPrinter }] = await Promise.all([
        import('../operations/peers/export-matrix.ts'),
        import('./local-files.ts'),
        import('./electron-printer.ts'),
      ]);
      return exportMatrix(input, { files: localFiles, printer: electronPrinter }, signal);
    }),
    implement(measureEnds, async (_input, { signal }) => {
      if (isLinux) return onPort((port) => port.ends({ signal }));
      const { readEnds } = await import('../operations/peers/measured-ends.ts');
      return onServer(localServer, (server) => readEnds(server, { signal }));
    }),
    implement(measureAnswer, async (request, { signal }) => {
      await assertOurs(request.addresses, signal);
      return onPort((port) => port.answer(request, { signal }));
    }),
    implement(measureEnd, async ({ token }) => {
      await onPort((port) => port.endAnswer(token));
      return {};
    }),
    implement(measureLink, async (ask, { signal }) => {
      const { measureOneLink } = await import('../operations/peers/measure-link.ts');
      return onPort((port) => measureOneLink(port, ask, { signal }));
    }),
    implement(measureHear, async (request, { signal }) => {
      await assertOurs(request.on, signal);
      return { heard: [...(await onPort((port) => port.hear(request, { signal })))] };
    }),
    implement(measureTell, async (request, { signal }) => {
      await assertOurs(request.from, signal);
      await onPort((port) => port.tell(request, { signal }));
      return {};
    }),
  ];
};

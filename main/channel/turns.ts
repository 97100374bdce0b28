import { RAL } from 'vscode-jsonrpc/node';

/*
 * The JSON-RPC library takes one message off its queue for each turn of the event loop, by the timer of its runtime layer, which is made to be replaced. A
 * turn costs more than a record of TLS. Here it goes on within the turn, after what runs now: how many messages it is given in one is bounded by the reader.
 */
const node = RAL();
RAL.install({
  ...node,
  timer: {
    ...node.timer,
    setImmediate: (callback: (...values: unknown[]) => void, ...values: unknown[]) => {
      let isWanted = true;
      process.nextTick(() => {
        if (isWanted) callback(...values);
      });
      return { dispose: () => void (isWanted = false) };
    },
  },
});

import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components';
import type { JSX } from 'react';
import { useShortcutState } from '../ui/shortcuts.ts';
import { useCore } from './core-store.ts';
import { usePart } from '../ui/use-part.ts';

const alwaysThere: readonly { key: string; does: string }[] = [
  { key: 'Tab', does: 'Go to the next control; with Shift to the one before' },
  { key: 'Enter', does: 'Press the button or open the row that has the focus' },
  { key: 'Esc', does: 'Close what was opened last' },
];

/** The keys, and what this program is: the dialog that `?` opens. */
const HelpDialog = ({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }): JSX.Element => {
  const { active, lettersAlone, setLettersAlone } = usePart(
    useShortcutState,
    'active',
    'lettersAlone',
    'setLettersAlone',
  );
  const info = useCore((state) => state.info);
  const seen = new Set<string>();
  // As in the list of stages: 0 stands after 9.
  const placeOf = (key: string): string => (key === '0' ? '9+' : key);
  const keys = active
    .toReversed()
    .filter(({ key }) => !seen.has(key) && seen.add(key))
    .toSorted((left, right) => placeOf(left.key).localeCompare(placeOf(right.key)));
  return (
    <Dialog open={isOpen} surfaceMotion={null} onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
      <DialogSurface className="f-help-surface" backdropMotion={null}>
        <DialogBody>
          <DialogTitle>Keyboard shortcuts</DialogTitle>
          <DialogContent>
            <table className="f-keys">
              <tbody>
                {[...keys, ...alwaysThere].map(({ key, does }) => (
                  <tr key={key}>
                    <th scope="row">
                      <kbd>{/^(.|f\d+)$/.test(key) ? key.toUpperCase() : key}</kbd>
                    </th>
                    <td>{does}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <Checkbox
              checked={lettersAlone}
              onChange={(_event, { checked }) => setLettersAlone(checked === true)}
              label="Letters work alone. When off, hold Alt and press the letter."
            />
            <h3>Version</h3>
            {info ? (
              <dl className="f-about">
                <dt>Quorate</dt>
                <dd>
                  {info.version}, process {info.pid}
                </dd>
                <dt>Data folder</dt>
                <dd className="q-mono">
                  <bdi>{info.dataFolder}</bdi>
                </dd>
                <dt>Log</dt>
                <dd className="q-mono">
                  <bdi>{info.logFile ?? 'none'}</bdi>
                </dd>
              </dl>
            ) : (
              <p>Quorate's core has not answered.</p>
            )}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              Close
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
};

export default HelpDialog;

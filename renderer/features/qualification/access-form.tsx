import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { TextField } from '../../ui/text-field.tsx';
import { accessProblems } from './problems.ts';
import { SourceSelect } from './source-select.tsx';
import { discover, setAccess, showNames, useQualification, type Access } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

const AccessField = ({
  label,
  hint,
  name,
  isSent,
  isSecret = false,
  id,
}: {
  label: string;
  hint?: string;
  name: Exclude<keyof Access, 'sourceIp'>;
  /** Was the form sent? Then what is wrong is said. */
  isSent: boolean;
  isSecret?: boolean;
  id?: string;
}): JSX.Element => {
  const value = useQualification((state) => state.access[name]);
  const problem = useQualification((state) => accessProblems(state.access)[name]);
  return (
    <div {...(id ? { id } : {})}>
      <TextField
        label={label}
        {...(hint ? { hint } : {})}
        problem={isSent ? problem : null}
        isSecret={isSecret}
        value={value}
        onChange={(typed) => setAccess({ [name]: typed })}
      />
    </div>
  );
};

const portalFieldId = 'qualification-portal';

/** How the storage is reached. Only the portal is needed; the rest opens where a target asks for it. */
export const AccessForm = (): JSX.Element => {
  const {
    access,
    hasNames: isMore,
    isDiscovering,
    discoveryFailure,
  } = usePart(useQualification, 'access', 'hasNames', 'isDiscovering', 'discoveryFailure');
  const elsewhere = discoveryFailure?.code === 'ISCSI_PORTAL_ANSWERS_ELSEWHERE' ? discoveryFailure : null;
  useShortcut('q', 'Qualify a target: go to the portal', () =>
    document.querySelector<HTMLInputElement>(`#${portalFieldId} input`)?.focus(),
  );
  const [isSent, setIsSent] = useState(false);
  const start = (): void => {
    setIsSent(true);
    const problems = accessProblems(useQualification.getState().access);
    if (Object.values(problems).every((problem) => problem === null)) {
      if (!isDiscovering) void discover();
    } else if (problems.portal === null) showNames(true);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <div className="s-form">
        <AccessField
          id={portalFieldId}
          label="Portal of the storage"
          hint="Address or name; with :port where it is not 3260."
          name="portal"
          isSent={isSent}
        />
        <SourceSelect
          label="From the network adapter"
          portal={access.portal}
          value={access.sourceIp}
          onChange={(sourceIp) => setAccess({ sourceIp })}
        />
        {isMore ? (
          <>
            <AccessField
              label="Name of the initiator"
              hint="Leave empty for the name of this server."
              name="initiator"
              isSent={isSent}
            />
            <AccessField label="CHAP user" name="chapUser" isSent={isSent} />
            <AccessField
              label="CHAP secret"
              hint="12 to 16 bytes for Windows. Quorate does not keep it."
              name="chapSecret"
              isSent={isSent}
              isSecret
            />
            <AccessField label="User of the target (mutual)" name="mutualUser" isSent={isSent} />
            <AccessField
              label="Secret of the target (mutual)"
              hint="Must differ from the secret above."
              name="mutualSecret"
              isSent={isSent}
              isSecret
            />
          </>
        ) : null}
      </div>
      <p className="q-actions">
        <Button type="submit" disabledFocusable={isDiscovering} aria-keyshortcuts="Q">
          <KeyLabel text="Discover targets" letter="q" />
        </Button>
        <Button onClick={() => showNames(!isMore)} aria-expanded={isMore}>
          Names and secrets
        </Button>
        <span role="status" className="q-quiet">
          {isDiscovering ? `Querying ${access.portal}` : ''}
        </span>
      </p>
      {discoveryFailure ? (
        <FailureNote
          envelope={discoveryFailure}
          onRetry={start}
          {...(elsewhere
            ? { next: 'Use that address, or fix the path from the network adapter that was used: cable, VLAN, route.' }
            : {})}
        >
          {elsewhere ? (
            <Button
              appearance="primary"
              onClick={() => {
                setAccess({ sourceIp: String(elsewhere.detail['sourceIp'] ?? '') });
                start();
              }}
            >
              Use {String(elsewhere.detail['sourceIp'] ?? '')}
            </Button>
          ) : null}
        </FailureNote>
      ) : null}
    </form>
  );
};

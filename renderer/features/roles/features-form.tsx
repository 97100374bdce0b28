import { Button, Checkbox } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { roleFeatureNames, roleFeatures, type RoleFeature } from '../../../shared/model/roles.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { RolesChange, RolesView } from './store.ts';
import { featurePurposes, missingFeatures } from './words.ts';

/**
 * What is wrong with the source of a feature's files, in words; null when nothing is. It is a folder, a share or an image with its index.
 * Source: https://learn.microsoft.com/en-us/powershell/module/servermanager/install-windowsfeature (-Source)
 */
export const sourceProblem = (text: string): string | null =>
  text.trim() === '' || /^((wim:)?([a-z]:\\|\\\\[^\\]+\\[^\\]+)).*$/i.test(text.trim())
    ? null
    : 'Type a whole path, such as D:\\sources\\sxs, \\\\server\\share\\sxs or wim:D:\\sources\\install.wim:4.';

/** Which features to install, and from where; ticked is what a node lacks. */
export const FeaturesForm = ({
  view,
  onPlan,
  onClose,
}: {
  view: RolesView;
  onPlan: (change: RolesChange) => void;
  onClose: () => void;
}): JSX.Element => {
  const [chosen, setChosen] = useState<readonly RoleFeature[]>(() => missingFeatures(view.state));
  const [source, setSource] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const offered = roleFeatureNames.filter((name) =>
    view.state.features.some((one) => one.name === name && (one.state === 'available' || one.state === 'removed')),
  );
  const wantsSource = view.state.features.some((one) => one.state === 'removed' && chosen.includes(one.name));
  return (
    <Panel title="Install roles and features" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (chosen.length === 0 || sourceProblem(source) !== null) return;
          onPlan({
            title: 'Install roles and features',
            changes: [{ do: 'roles.install', features: [...chosen], source: source.trim() || null }],
          });
        }}
      >
        {offered.length === 0 ? <p>Every feature that this edition offers is installed.</p> : null}
        {offered.map((name) => (
          <div key={name}>
            <Checkbox
              label={roleFeatures[name].title}
              aria-describedby={`feature-${name}`}
              checked={chosen.includes(name)}
              onChange={(_event, { checked }) =>
                setChosen(checked === true ? [...chosen, name] : chosen.filter((one) => one !== name))
              }
            />
            <span id={`feature-${name}`} className="q-quiet">
              {featurePurposes[name]} {roleFeatures[name].restart ? 'Requires a restart.' : 'No restart.'}
            </span>
          </div>
        ))}
        <div className="s-form">
          <TextField
            label="Source of the files"
            hint={
              wantsSource
                ? 'If the files of a feature were removed: a folder such as D:\\sources\\sxs of the installation media.'
                : 'Leave empty for the default.'
            }
            problem={isChecked ? sourceProblem(source) : null}
            value={source}
            onChange={setSource}
          />
        </div>
        <Button appearance="primary" type="submit" disabledFocusable={chosen.length === 0}>
          Review changes
        </Button>
      </form>
    </Panel>
  );
};

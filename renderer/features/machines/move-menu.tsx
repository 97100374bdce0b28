import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import type { JSX } from 'react';
import type { Machine, MachinesChange } from './store.ts';

const kinds = {
  live: { title: 'Live migration', quiet: 'It keeps running.' },
  quick: { title: 'Quick migration', quiet: 'It is saved and resumed there.' },
} as const;

/** Where to move a machine, by a menu: no drag and drop, so that the keyboard and a poor console do. */
export const MoveMenu = ({
  machine,
  kind,
  targets,
  onPlan,
}: {
  machine: Machine;
  kind: keyof typeof kinds;
  targets: readonly string[];
  onPlan: (change: MachinesChange) => void;
}): JSX.Element => (
  <Menu inline>
    <MenuTrigger disableButtonEnhancement>
      <Button disabledFocusable={targets.length === 0} title={kinds[kind].quiet}>
        {kinds[kind].title} …
      </Button>
    </MenuTrigger>
    <MenuPopover>
      <MenuList className="m-menu">
        {targets.map((node) => (
          <MenuItem
            key={node}
            onClick={() =>
              onPlan({
                title: `Move ${machine.name} to ${node}`,
                changes: [{ do: 'vm.move', name: machine.name, node, kind }],
              })
            }
          >
            To {node}
          </MenuItem>
        ))}
      </MenuList>
    </MenuPopover>
  </Menu>
);

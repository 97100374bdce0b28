import { FluentProvider, webDarkTheme, webLightTheme } from '@fluentui/react-components';
import { useSyncExternalStore, type JSX, type ReactNode } from 'react';
import { fonts } from './fonts.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

const watchScheme = (onChange: () => void): (() => void) => {
  dark.addEventListener('change', onChange);
  return () => dark.removeEventListener('change', onChange);
};

const light = { ...webLightTheme, ...fonts };
const night = { ...webDarkTheme, ...fonts };

/** Fluent's tokens, light or dark as the system says; contrast themes come with forced colours, which the browser applies. */
export const Theme = ({ children }: { children: ReactNode }): JSX.Element => {
  const isDark = useSyncExternalStore(watchScheme, () => dark.matches);
  return (
    <FluentProvider theme={isDark ? night : light} className="f-provider">
      {children}
    </FluentProvider>
  );
};

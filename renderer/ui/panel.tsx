import { Button } from '@fluentui/react-components';
import { useEffect, useId, useRef, type JSX, type ReactNode } from 'react';

/** Something that opens in place, takes the focus, and gives it back when Escape or Close shuts it. */
export const Panel = ({
  title,
  level: Heading = 'h2',
  onClose,
  children,
}: {
  title: string;
  /** One below the heading of what it opens in. */
  level?: 'h2' | 'h3' | 'h5';
  onClose: () => void;
  children: ReactNode;
}): JSX.Element => {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      // A part of a picture takes the focus as well, and is no HTML.
      if ((before instanceof HTMLElement || before instanceof SVGElement) && before.isConnected) before.focus();
    };
  }, []);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  // The whole page is listened to: a control that was switched off while it worked has lost the focus.
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest('[role=dialog], [role=alertdialog]')) return;
      // A form behind its plan is not what was opened last.
      if (heading.current?.closest('[hidden]')) return;
      event.preventDefault();
      close.current();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  return (
    <section className="q-panel" aria-labelledby={id}>
      <div className="q-panel-head">
        <Heading id={id} ref={heading} tabIndex={-1} className="q-panel-title">
          {title}
        </Heading>
        <Button size="small" onClick={onClose}>
          Close
        </Button>
      </div>
      {children}
    </section>
  );
};

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useState, type RefObject } from 'react';

/** Rows beside those that are seen: enough that Tab always finds the next one. */
export const overscan = 12;

const rowPx = 33;
const detailPx = 320;

/** What is scrolled: the content of the window below its head. */
const scrolled = (): HTMLElement | null => document.getElementById('main');

type RowVirtualizer = Virtualizer<HTMLElement, HTMLTableRowElement>;

const newVirtualizer = (): RowVirtualizer =>
  new Virtualizer({
    count: 0,
    getScrollElement: scrolled,
    estimateSize: () => rowPx,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
  });

/** Where the rows begin in what is scrolled, in pixels; it moves with whatever grows above them. */
const useTop = (isOn: boolean, body: RefObject<HTMLElement | null>): number => {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const main = scrolled();
    const rows = body.current;
    const whole = rows?.closest('article');
    if (!isOn || !rows || !main || !whole) return;
    const look = (): void =>
      setTop(Math.round(rows.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop));
    const observer = new ResizeObserver(look);
    observer.observe(whole);
    look();
    return () => observer.disconnect();
  }, [isOn, body]);
  return top;
};

export interface RowWindow {
  readonly rows: readonly VirtualItem[];
  /** Pixels of the rows that are left out before and after. */
  readonly beforePx: number;
  readonly afterPx: number;
  /** The `ref` of each row, which carries its place as `data-index`: rows are as high as their text. */
  readonly measure: (row: HTMLTableRowElement | null) => void;
}

/**
 * The rows of a long table that can be seen, with some around them. `count`: rows with the open detail; `detailAt`: the place of that
 * detail, -1 where none is open.
 */
export const useRowWindow = (
  isOn: boolean,
  body: RefObject<HTMLElement | null>,
  count: number,
  detailAt: number,
): RowWindow => {
  const top = useTop(isOn, body);
  const [virtualizer] = useState(newVirtualizer);
  const [shown, setShown] = useState<{ readonly rows: readonly VirtualItem[]; readonly totalPx: number }>({
    rows: [],
    totalPx: 0,
  });
  useLayoutEffect(() => {
    if (!isOn) return;
    const show = (of: RowVirtualizer): void => setShown({ rows: of.getVirtualItems(), totalPx: of.getTotalSize() });
    virtualizer.setOptions({
      ...virtualizer.options,
      count,
      overscan,
      scrollMargin: top,
      estimateSize: (index) => (index === detailAt ? detailPx : rowPx),
      onChange: show,
    });
    virtualizer._willUpdate();
    virtualizer.measure();
    show(virtualizer);
  }, [isOn, virtualizer, count, detailAt, top]);
  useLayoutEffect(() => (isOn ? virtualizer._didMount() : undefined), [isOn, virtualizer]);
  const rows = isOn ? shown.rows.filter(({ index }) => index < count) : [];
  return {
    rows,
    beforePx: Math.max(0, (rows[0]?.start ?? top) - top),
    afterPx: isOn ? Math.max(0, shown.totalPx - ((rows.at(-1)?.end ?? top) - top)) : 0,
    measure: virtualizer.measureElement,
  };
};

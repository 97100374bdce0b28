import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noWindowBecause, ReadinessPage, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

const because = noWindowBecause();

/** The whole readiness journey without a mouse, from the moment when the window opens. */
describe.skipIf(because !== null)(titled('by keyboard alone', because), () => {
  let window: TestWindow;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-keys-'));
    window = await TestWindow.open();
    await new ReadinessPage(window).waitForVerdict();
  });
  afterAll(async () => {
    await window.close();
    await removeFolder(folder);
  });

  /** True when something is drawn around or in the element that has the focus. */
  const isFocusSeen = (): Promise<boolean> =>
    window.page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return false;
      const boxes = [element, element.parentElement].flatMap((one) => (one ? [one] : []));
      return boxes.some((box) =>
        [undefined, '::after', '::before'].some((part) => {
          const style = getComputedStyle(box, part);
          const isDrawn = (width: string, kind: string): boolean => kind !== 'none' && parseFloat(width) > 0;
          return part === undefined
            ? isDrawn(style.outlineWidth, style.outlineStyle)
            : style.content !== 'none' && isDrawn(style.borderBottomWidth, style.borderBottomStyle);
        }),
      );
    });

  const tabTo = async (name: string): Promise<void> => {
    for (let step = 0; step < 60; step += 1) {
      await window.press('Tab');
      const focused = await window.focused();
      expect(await isFocusSeen(), `the focus on "${focused}" is not to be seen`).toBe(true);
      if (focused.startsWith(name)) return;
    }
    throw new Error(`Tab does not lead to ${name}.`);
  };

  test('the skip link comes first and leads past the list of stages', async () => {
    await window.press('Tab');
    expect(await window.focused()).toBe('Skip to content');
    await window.screenshot('keyboard-skip');
    await window.press('Enter');
    expect(await window.page.evaluate(() => document.activeElement?.id)).toBe('main');
    await window.press('Tab');
    expect(await window.page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  test('a check opens with Enter and closes with Space', async () => {
    await tabTo('Open all details');
    await window.press('Tab', 'Enter');
    await expect.poll(() => window.page.locator('.r-detail').count()).toBe(1);
    await window.press('Space');
    await expect.poll(() => window.page.locator('.r-detail').count()).toBe(0);
  });

  test('an export: the panel takes the focus and gives it back', async () => {
    const path = join(folder, 'own.json');
    await window.answerSave(path);
    await window.press('e');
    await expect.poll(() => window.focused()).toBe('Export this report');
    await tabTo('JSON');
    await window.press('Enter');
    await window.page.getByText(path).waitFor();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('verdict');
    await window.press('Escape');
    await expect.poll(() => window.focused()).not.toBe('');
  });

  test('letters in a field are text, not commands', async () => {
    await window.press('t');
    await window.page.getByLabel('Folder on this machine').focus();
    await window.press('e', 'o', '2');
    expect(await window.page.getByLabel('Folder on this machine').inputValue()).toBe('eo2');
    expect(await window.page.getByRole('region', { name: 'Export this report' }).count()).toBe(0);
    await window.press('Escape');
  });

  test('the help: searched, nothing found, a result opened', async () => {
    await window.press('F1');
    await expect.poll(() => window.title.innerText()).toBe('Help');
    await window.page.getByRole('navigation', { name: 'Topics' }).getByText('Forming a cluster').waitFor();
    await window.press('f');
    await window.page.keyboard.type('zebrafish');
    const status = window.page.getByRole('status').filter({ hasText: 'zebrafish' });
    await expect.poll(() => status.innerText()).toMatch(/^Nothing found for “zebrafish”\. Check the spelling/);
    await window.press('Escape');
    await window.page.keyboard.type('procedrue');
    await window.page.getByRole('region', { name: 'Search results' }).getByRole('listitem').first().waitFor();
    await window.resize(800, 600);
    expect(await window.overflowing()).toEqual([]);
    expect(await window.axe()).toEqual([]);
    await tabTo('Where did that step go?');
    await window.press('Enter');
    await expect.poll(() => window.title.innerText()).toBe('Where did that step go?');
    expect(await window.overflowing()).toEqual([]);
    expect(await window.axe()).toEqual([]);
    await window.resize(1180, 800);
    await window.press('1');
    await window.page.locator('.r-verdict[data-verdict]').waitFor();
  });

  test('the stage that a key opens is to be seen in the list, also where that is longer than the console', async () => {
    await window.resize(800, 600);
    await window.press('F1');
    const isSeen = (): Promise<boolean> =>
      window.page
        .getByRole('navigation', { name: 'Stages' })
        .locator('[aria-current]')
        .evaluate((entry) => {
          const list = entry.closest('nav')!.getBoundingClientRect();
          const { top, bottom } = entry.getBoundingClientRect();
          return top >= list.top - 1 && bottom <= list.bottom + 1;
        });
    await expect.poll(isSeen).toBe(true);
    await window.press('1');
    await expect.poll(isSeen).toBe(true);
    await window.resize(1180, 800);
  });

  test('single letters can be switched off; Alt and the letter still works', async () => {
    await window.press('?');
    const help = window.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByRole('checkbox').uncheck();
    await window.press('Escape');
    await expect.poll(() => help.count()).toBe(0);
    await window.press('e');
    expect(await window.page.getByRole('region', { name: 'Export this report' }).count()).toBe(0);
    await window.press('Alt+e');
    await window.page.getByRole('region', { name: 'Export this report' }).waitFor();
    await window.press('Escape');
  });

  test('what axe looks for it finds, at each look anew: a name, an order of headings, a contrast', async () => {
    await window.page.evaluate(() => {
      const faults = document.createElement('div');
      faults.id = 'faults';
      faults.innerHTML = '<button></button><h3>Three</h3><h6>Six</h6><p>Faint</p>';
      (faults.lastElementChild as HTMLElement).style.color = '#999';
      (faults.lastElementChild as HTMLElement).style.backgroundColor = '#aaa';
      document.querySelector('main')!.prepend(faults);
    });
    for (let look = 0; look < 2; look += 1)
      expect((await window.axe()).map((one) => one.split(':')[0])).toEqual(
        expect.arrayContaining(['button-name', 'heading-order', 'color-contrast']),
      );
    await window.page.evaluate(() => document.querySelector('#faults')!.remove());
    expect(await window.axe()).toEqual([]);
  });
});

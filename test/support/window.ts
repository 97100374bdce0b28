import { AxeBuilder } from '@axe-core/playwright';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Electron from 'electron';
import { _electron, type ElectronApplication, type Locator, type Page } from 'playwright-core';
import { findElectron, sessionArguments } from '../../build/setup/electron-runtime.mjs';
import { removeFolder } from './remove-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const runtime = findElectron();

/** Why no window can be opened here; null when one can. Printed as the reason of a skip. */
export const noWindowBecause = (): string | null => {
  if (!runtime) return 'there is no Electron runtime';
  if (!existsSync(join(root, 'dist', 'electron', 'main.mjs'))) return 'dist/ is not built';
  if (process.platform === 'linux' && !process.env['DISPLAY']) return 'there is no display';
  return null;
};

/** Screenshots for people; git-ignored. */
export const artifacts = join(root, 'test', 'artifacts');

/** Set by `npm run screenshots`: every picture is taken at each size and in each look, and each of them has to pass. */
const isTour = process.env['QUORATE_SCREENS'] === '1';

/** The consoles that the window has to fit: a desktop, and two of remote management cards. */
export const consoles = [
  [1280, 800],
  [1024, 768],
  [800, 600],
] as const;

export const looks = [
  ['light', { colorScheme: 'light', forcedColors: 'none' }],
  ['dark', { colorScheme: 'dark', forcedColors: 'none' }],
  ['contrast', { colorScheme: 'dark', forcedColors: 'active' }],
] as const;

/** A picture whose name says its size or look was taken by a test that goes through them itself. */
const isOfOneLook = (name: string): boolean => /-(\d{3,4}(x\d{3,4})?|light|dark|contrast)(-|$)/.test(name);

export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  /** A data folder that outlives this window; default: a new one that is removed with it. */
  readonly data?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How long what a window is to do may take, in milliseconds, before it counts as never: limits are for what hangs. */
const patienceMs = 180_000;
/** The same for the end of the program. */
const endMs = 120_000;

export const newDataFolder = (): string => mkdtempSync(join(tmpdir(), 'quorate-e2e-'));

/** The window as a person has it: the program started, its first window, its dialogs. */
export class TestWindow {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly data: string;
  /** What the page complained about: a test ends with none. */
  readonly complaints: string[] = [];
  readonly #ownsData: boolean;
  readonly #child: ChildProcess;
  #isKilled = false;

  private constructor(app: ElectronApplication, page: Page, data: string, ownsData: boolean) {
    this.app = app;
    this.page = page;
    this.data = data;
    this.#ownsData = ownsData;
    this.#child = app.process();
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** Opens the window on a data folder that has been used, at the size that was kept there. */
  static reopen(data: string): Promise<TestWindow> {
    return TestWindow.#start({ data });
  }

  static async open(options: WindowOptions = {}): Promise<TestWindow> {
    const window = await TestWindow.#start(options);
    await window.page.waitForSelector('#stage-title');
    await window.resize(options.width ?? 1180, options.height ?? 800);
    return window;
  }

  static async #start(options: WindowOptions): Promise<TestWindow> {
    if (!runtime) throw new Error('There is no Electron runtime.');
    const data = options.data ?? newDataFolder();
    const app = await _electron.launch({
      executablePath: runtime.executable,
      args: [...runtime.args, ...sessionArguments(), '--data', data],
      env: { ...(process.env as Record<string, string>), ...options.env },
      timeout: patienceMs,
    });
    const page = await app.firstWindow({ timeout: patienceMs });
    return new TestWindow(app, page, data, options.data === undefined);
  }

  /**
   * Runs a function in the program's main process. V8 sometimes collects the promise of such an evaluation before it
   * settles (Playwright: "Resulting promise was garbage collected"); it is asked again then, so the function must bear it.
   */
  async inMain<Result, Argument>(
    run: (electron: typeof Electron, argument: Argument) => Result,
    argument: Argument,
  ): Promise<Awaited<Result>> {
    for (let attempt = 1; ; attempt += 1)
      try {
        const result: unknown = await this.app.evaluate(run as never, argument as never);
        return result as Awaited<Result>;
      } catch (error) {
        if (attempt === 5 || !(error instanceof Error) || !error.message.includes('garbage collected')) throw error;
      }
  }

  async resize(width: number, height: number): Promise<void> {
    await this.inMain(
      ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
      { width, height },
    );
    await this.page.waitForFunction((size) => innerWidth === size.width && innerHeight === size.height, {
      width,
      height,
    });
  }

  /** What the next "save" dialogs answer, in order; then they answer as if they were closed. */
  async answerSave(...paths: string[]): Promise<void> {
    await this.inMain(({ dialog }, answers) => {
      dialog.showSaveDialog = () => {
        const filePath = answers.shift();
        return Promise.resolve({ canceled: filePath === undefined, filePath: filePath ?? '' });
      };
    }, paths);
  }

  /** What the next "open" dialog answers. */
  async answerOpen(...paths: string[]): Promise<void> {
    await this.inMain(({ dialog }, answers) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: answers.length === 0, filePaths: answers });
    }, paths);
  }

  /** Calls the core as the page does. */
  call<Result>(method: string, input: unknown): Promise<Result> {
    return this.page.evaluate(
      async ([name, value]) => {
        const bridge = (
          globalThis as unknown as { quorate: { call: (name: string, input: unknown) => Promise<unknown> } }
        ).quorate;
        const outcome = (await bridge.call(name, value)) as { ok: boolean; result: unknown };
        if (!outcome.ok) throw new Error(JSON.stringify(outcome));
        return outcome.result;
      },
      [method, input] as [string, unknown],
    ) as Promise<Result>;
  }

  /**
   * What axe finds in the page as it is now, one line each: everything, or what the colours of a look can change where the same page was looked at whole
   * in another look.
   */
  async axe(what: 'everything' | 'colours' = 'everything'): Promise<string[]> {
    // What is fading in has colours of its own for a moment.
    await this.page.evaluate(async () => {
      const passing = document
        .getAnimations()
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime ?? Infinity));
      await Promise.allSettled(passing.map(({ finished }) => finished));
    });
    // It is half a megabyte, which the builder puts in twice at each look: once for a page is enough. Of rules that hold only one element is told, not how
    // to find each of thousands.
    const isThere = await this.page.evaluate(() => 'axe' in globalThis);
    const axe = new AxeBuilder({ page: this.page, ...(isThere ? { axeSource: 'void 0' } : {}) })
      .setLegacyMode(true)
      .options({ resultTypes: ['violations'] })
      // Fluent's own sentinels around a menu: they pass the focus on at once.
      .exclude('[data-tabster-dummy]');
    const { violations } = await (
      what === 'everything'
        ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        : axe.withRules(['color-contrast', 'link-in-text-block'])
    ).analyze();
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`));
  }

  /** What axe finds in each look, which is light again afterwards. */
  async axeInEachLook(): Promise<string[]> {
    const found: string[] = [];
    for (const [look, media] of looks) {
      await this.page.emulateMedia(media);
      found.push(...(await this.axe(look === 'light' ? 'everything' : 'colours')).map((one) => `${look}: ${one}`));
    }
    await this.page.emulateMedia(looks[0][1]);
    return found;
  }

  /**
   * The elements that are wider than the window lets them be: nothing may need a sideways scroll, but pictures that grow with what they show. And the page
   * itself where it is longer than the window: its parts scroll, never the line that says which server this is.
   */
  overflowing(): Promise<string[]> {
    return this.page.evaluate(() => {
      const frame = document.documentElement;
      const parts =
        'main, header, nav, footer, [role=dialog], .q-scroll:has(> .g-picture, > .n-topology), .a-scroll, .e-compare';
      return [
        ...[frame, ...document.querySelectorAll(parts)]
          .filter((element) => element.scrollWidth > element.clientWidth + 1)
          .map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`),
        ...(frame.scrollHeight > innerHeight + 1
          ? [`the page is ${frame.scrollHeight} px high, not ${innerHeight}`]
          : []),
      ];
    });
  }

  /**
   * The buttons that cannot be told apart by their names: an action that is called as a column is, whose head sorts by it, and two
   * actions of one name in the same labelled part of the page.
   */
  namesakes(): Promise<string[]> {
    return this.page.evaluate(() => {
      const nameOf = (button: HTMLElement): string =>
        (button.ariaLabel ?? button.innerText).replace(/\s+/g, ' ').trim();
      const seen = [...document.querySelectorAll<HTMLElement>('main button')].filter(
        (button) => button.checkVisibility() && nameOf(button) !== '',
      );
      const columns = new Set(seen.filter((button) => button.closest('thead')).map(nameOf));
      const labelled = 'section[aria-labelledby], [role=group], fieldset, nav, table, article';
      const actions = seen.filter((button) => !button.closest('thead'));
      return actions
        .filter(
          (button, at) =>
            columns.has(nameOf(button)) ||
            actions.findIndex(
              (other) => nameOf(other) === nameOf(button) && other.closest(labelled) === button.closest(labelled),
            ) !== at,
        )
        .map((button) => `two buttons called ${nameOf(button)}`);
    });
  }

  /** The texts of pictures that are less than 11 px high as they are drawn now. */
  smallTexts(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<SVGTextElement>('main svg text')]
        .filter((text) => text.checkVisibility())
        .map((text) => ({
          text: text.textContent,
          px: parseFloat(getComputedStyle(text).fontSize) * (text.getScreenCTM()?.a ?? 1),
        }))
        .filter(({ px }) => px < 10.95)
        .map(({ text, px }) => `${text} is ${px.toFixed(1)} px high`),
    );
  }

  /** The stages whose state takes more than two lines in the list at the left. */
  tallStages(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.f-stage-state')]
        .filter((state) => state.offsetHeight > 2.5 * parseFloat(getComputedStyle(state).lineHeight))
        .map((state) => state.innerText),
    );
  }

  /** The page on A4, as Chromium prints it; kept beside the pictures. */
  async print(name: string): Promise<string> {
    const pdf = await this.inMain(
      async ({ BrowserWindow }, pageSize) =>
        (await BrowserWindow.getAllWindows()[0]!.webContents.printToPDF({ pageSize })).toString('latin1'),
      'A4' as const,
    );
    mkdirSync(artifacts, { recursive: true });
    writeFileSync(join(artifacts, `${name}.pdf`), pdf, 'latin1');
    return pdf;
  }

  /**
   * A picture of the page for people, where they asked for pictures (`npm run screenshots`). No page shows a time as a machine writes it: each stands in the
   * form of `localTime`.
   */
  async screenshot(name: string): Promise<void> {
    const raw = await this.page.evaluate(
      () => /.{0,60}\d{4}-\d\d-\d\dT\d\d:.{0,20}/.exec(document.body.innerText)?.[0],
    );
    if (raw !== undefined) throw new Error(`${name}: a raw time on screen: ${raw}`);
    if (!isTour) return;
    mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: join(artifacts, `${name}.png`) });
    if (!isOfOneLook(name)) await this.#tour(name);
  }

  /** The page as it is now on every console and in every look: nothing wider than the window, no finding of axe. */
  async #tour(name: string): Promise<void> {
    const [before, faults] = [await this.page.evaluate(() => [innerWidth, innerHeight] as const), [] as string[]];
    for (const [width, height] of consoles) {
      await this.resize(width, height);
      const wide = await this.overflowing();
      faults.push(...[...wide, ...(await this.smallTexts())].map((one) => `${width}: ${one}`));
      for (const [look, media] of looks) {
        await this.page.emulateMedia(media);
        await this.page.screenshot({ path: join(artifacts, `${name}-${width}x${height}-${look}.png`) });
        // What axe looks at hardly changes with the width.
        if (width === 800) faults.push(...(await this.axe()).map((one) => `${look}: ${one}`));
      }
      await this.page.emulateMedia(looks[0][1]);
    }
    await this.resize(...before);
    faults.push(...(await this.namesakes()));
    if (faults.length > 0) throw new Error(`${name}: ${faults.join('\n')}`);
  }

  get title(): Locator {
    return this.page.locator('#stage-title');
  }

  /** The screen is there with its state: its code has been loaded, and nothing is being read. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(
      () =>
        (document.querySelector('#stage-title')?.textContent ?? 'Loading') !== 'Loading' &&
        document.querySelector('main [aria-busy="true"]') === null,
    );
  }

  /** Presses keys one after the other, as a person without a mouse does. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The accessible name or text of what has the focus. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim();
    });
  }

  async goTo(stage: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Stages' }).getByRole('button', { name: stage }).first().click();
  }

  /** Closes the window as a person does; the program ends, or goes on when it has work. */
  async closeWindow(): Promise<void> {
    const gone = this.page.waitForEvent('close');
    // A program that ends with its window never answers this.
    this.inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null).catch(() => undefined);
    await gone;
  }

  /** Ends the program as a power failure does: it can do nothing about it. */
  async kill(): Promise<void> {
    const exit = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
    await exit;
  }

  /** Ends the program, if it has not ended; one that does not end is a failure, and is killed. */
  async close(): Promise<void> {
    const child = this.#child;
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (!ended()) {
      this.app.close().catch(() => undefined);
      const deadline = setTimeout(() => child.kill('SIGKILL'), endMs);
      await exit;
      clearTimeout(deadline);
    }
    const killed = child.signalCode === 'SIGKILL' && !this.#isKilled;
    if (this.#ownsData) {
      await removeFolder(this.data);
    }
    if (killed) throw new Error(`The program did not end within ${endMs / 1000} seconds.`);
  }
}

/** The first stage, in the words of what a person does there. */
export class ReadinessPage {
  readonly window: TestWindow;
  readonly page: Page;

  constructor(window: TestWindow) {
    this.window = window;
    this.page = window.page;
  }

  get verdict(): Locator {
    return this.page.locator('.r-verdict[data-verdict]');
  }

  async waitForVerdict(): Promise<string> {
    await this.verdict.waitFor();
    return (await this.window.title.innerText()).trim();
  }

  check(id: string): Locator {
    return this.page.locator(`.r-check[data-check="${id}"]`);
  }

  async openCheck(id: string): Promise<Locator> {
    await this.check(id).getByRole('button').first().click();
    const detail = this.page.locator(`[id="detail-${id}"]`);
    await detail.waitFor();
    return detail;
  }

  tool(name: string): Locator {
    return this.page.getByRole('toolbar', { name: 'Readiness' }).getByRole('button', { name });
  }

  /** Exports the shown report in a format; resolves when the window says that it is written. */
  async exportAs(format: 'HTML' | 'PDF' | 'JSON', path: string): Promise<void> {
    await this.window.answerSave(path);
    const panel = this.page.getByRole('region', { name: 'Export this report' });
    if (!(await panel.isVisible())) await this.tool('Export').click();
    await panel.getByRole('button', { name: format, exact: true }).click();
    await panel.getByText(path).waitFor();
  }

  async open(kind: 'Reports' | 'Facts', ...paths: string[]): Promise<void> {
    await this.window.answerOpen(...paths);
    await this.tool('Open another server').click();
    await this.page
      .getByRole('region', { name: 'Open another server' })
      .getByRole('button', { name: kind, exact: true })
      .click();
  }

  get openServers(): Locator {
    return this.page.getByRole('navigation', { name: 'Open servers' });
  }
}

/** What a person did with mouse and keyboard, as the page itself saw it. */
export interface Effort {
  readonly clicks: number;
  readonly typedValues: number;
}

/**
 * Counts in the page: every click of a pointer, two for each choice from a list (opening it, choosing), and every field whose
 * text was changed by typing. What a script does without an event of its own is not counted, so a test must not call the core.
 */
export const countEffort = async (page: Page): Promise<() => Promise<Effort>> => {
  await page.evaluate(() => {
    const effort = { clicks: 0, typed: new Set<string>() };
    (globalThis as unknown as { effort: typeof effort }).effort = effort;
    document.addEventListener(
      'click',
      // A click on a label reaches its field as a second click, without a place.
      (event) => {
        if (event.isTrusted && event.detail > 0) effort.clicks += 1;
      },
      { capture: true },
    );
    document.addEventListener(
      'change',
      ({ target }) => {
        if (target instanceof HTMLSelectElement) effort.clicks += 2;
      },
      { capture: true },
    );
    document.addEventListener(
      'input',
      ({ target }) => {
        if (target instanceof HTMLInputElement && !['checkbox', 'radio'].includes(target.type))
          effort.typed.add(
            `${target.closest('section')?.textContent?.slice(0, 30)} ${target.id} ${target.getAttribute('aria-label')}`,
          );
        if (target instanceof HTMLTextAreaElement) effort.typed.add(target.id);
      },
      { capture: true },
    );
  });
  return () =>
    page.evaluate(() => {
      const { effort } = globalThis as unknown as { effort: { clicks: number; typed: Set<string> } };
      const seen = { clicks: effort.clicks, typedValues: effort.typed.size };
      effort.clicks = 0;
      effort.typed.clear();
      return seen;
    });
};

/** Network, Storage and Server: they read, plan, run and prove alike. */
export class ServerStages {
  readonly window: TestWindow;
  readonly page: Page;

  constructor(window: TestWindow) {
    this.window = window;
    this.page = window.page;
  }

  async openRehearsal(name: string): Promise<void> {
    await this.page.getByLabel('Name of the rehearsal').fill(name);
    await this.page.getByRole('button', { name: 'Open the rehearsal' }).click();
  }

  /** The panel that is open and seen: a form, or the plan that took its place. */
  get panel(): Locator {
    return this.page.locator('.q-panel:visible').last();
  }

  get steps(): Locator {
    return this.panel.locator('.p-step');
  }

  /** Sends the form that is open and waits for its plan. */
  async review(): Promise<void> {
    await this.panel.getByRole('button', { name: 'Review changes' }).click();
    await this.panel.locator('[data-plan]').waitFor({ state: 'attached' });
  }

  /** Applies what is planned and waits until it is done. */
  async apply(button = 'Apply'): Promise<void> {
    const apply = this.panel.getByRole('button', { name: button, exact: true });
    await apply.and(this.page.locator(':not([aria-disabled="true"])')).click();
    await this.panel
      .getByText(/Done and verified\.|All steps before the restart are done\./)
      .first()
      .waitFor();
  }

  /** Every step of the plan has ended well; what can be read back was. */
  async expectEveryStepProven(): Promise<void> {
    const states = await this.steps.evaluateAll((all) => all.map((step) => step.getAttribute('data-state')));
    const wrong = states.filter((state) => state !== 'done' && state !== 'alreadyDone');
    if (states.length === 0 || wrong.length > 0) throw new Error(`Steps ended as ${states.join(', ')}.`);
    const proofs = await this.panel.locator('.p-proof').count();
    if (proofs === 0) throw new Error('No step shows what was read back.');
  }

  async done(): Promise<void> {
    await this.panel.getByRole('button', { name: 'Done', exact: true }).click();
  }

  /** Closes everything that is open in the page, what was opened last first. */
  async closeAll(): Promise<void> {
    for (let left = 5; left > 0 && (await this.page.locator('.q-panel:visible').count()) > 0; left -= 1)
      await this.page.keyboard.press('Escape');
    await this.page.locator('.q-panel:visible').waitFor({ state: 'detached' });
  }

  /** Opens one of the parts of the storage. */
  async storagePart(name: 'Connections' | 'Disks' | 'Qualification'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Storage' }).getByRole('button', { name }).click();
  }
}

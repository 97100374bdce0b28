/** Each family that a system lacks is asked for once per size and weight while the page waits, so that only Windows is asked for its own. */
const isWindows = navigator.userAgent.includes('Windows');

export const fonts = isWindows
  ? {
      fontFamilyBase: "'Segoe UI Variable Text', 'Segoe UI', 'Quorate Sans', sans-serif",
      fontFamilyMonospace: "'Cascadia Mono', Consolas, monospace",
    }
  : {
      fontFamilyBase: "'Quorate Sans', 'Noto Sans', sans-serif",
      fontFamilyMonospace: "'DejaVu Sans Mono', monospace",
    };

// On its way before the first text asks for it: a font that comes later than that draws the page twice.
if (!isWindows) for (const weight of [400, 600]) void document.fonts.load(`${weight} 1em 'Quorate Sans'`);

/** The languages in which Windows Server is offered, and their English relatives, by LCID (Microsoft, [MS-LCID] section 2.2). */
const languages: Readonly<Record<number, string>> = {
  0x0404: 'Chinese, Taiwan',
  0x0405: 'Czech',
  0x0406: 'Danish',
  0x0407: 'German, Germany',
  0x0807: 'German, Switzerland',
  0x0c07: 'German, Austria',
  0x0408: 'Greek',
  0x0409: 'English, United States',
  0x0809: 'English, United Kingdom',
  0x0c09: 'English, Australia',
  0x1009: 'English, Canada',
  0x1409: 'English, New Zealand',
  0x1809: 'English, Ireland',
  0x040a: 'Spanish, Spain (traditional sort)',
  0x0c0a: 'Spanish, Spain',
  0x080a: 'Spanish, Mexico',
  0x040b: 'Finnish',
  0x040c: 'French, France',
  0x080c: 'French, Belgium',
  0x0c0c: 'French, Canada',
  0x100c: 'French, Switzerland',
  0x040d: 'Hebrew',
  0x040e: 'Hungarian',
  0x0410: 'Italian, Italy',
  0x0411: 'Japanese',
  0x0412: 'Korean',
  0x0413: 'Dutch, Netherlands',
  0x0813: 'Dutch, Belgium',
  0x0414: 'Norwegian Bokmål',
  0x0415: 'Polish',
  0x0416: 'Portuguese, Brazil',
  0x0816: 'Portuguese, Portugal',
  0x0418: 'Romanian',
  0x0419: 'Russian',
  0x041d: 'Swedish, Sweden',
  0x041e: 'Thai',
  0x041f: 'Turkish',
  0x0422: 'Ukrainian',
  0x0804: 'Chinese, China',
  0x0c04: 'Chinese, Hong Kong SAR',
};

/** A language by its name with its LCID in brackets: `English, United States (1033)`. One that is not listed keeps its number alone. */
export const languageText = (lcid: number): string =>
  languages[lcid] === undefined ? `Language with the number ${lcid}` : `${languages[lcid]} (${lcid})`;

/** The same from `Win32_OperatingSystem.Locale`, four hexadecimal digits; what is none is given back as it is. */
export const localeText = (locale: string): string =>
  /^[0-9a-f]{1,8}$/i.test(locale) ? languageText(parseInt(locale, 16)) : locale;

const pad = (value: number): string => String(value).padStart(2, '0');

/**
 * An ISO 8601 time as it is shown to a person at this machine: its local date and time as `2026-03-01 14:05:09`, the same in every
 * language. One without a time zone is taken as local. What is no time is given back as it is.
 */
export const localTime = (iso: string): string => {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const date = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${date} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
};

const offsetOf = (at: Date): string => {
  // Minutes behind UTC; what is ahead of it is negative.
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  return minutes === 0 ? 'UTC' : `UTC${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
};

/**
 * The time zone of this process, said once where times are shown by `localTime`: `UTC+01:00 (Europe/Berlin)`, or `UTC`. The offset is that of
 * `at`; the name says what it is at other times of the year.
 */
export const zoneText = (at: Date = new Date()): string => {
  const offset = offsetOf(at);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined || /^(Etc\/)?(UTC|GMT|Universal|Zulu)$/i.test(timeZone)
    ? offset
    : `${offset} (${timeZone})`;
};

/**
 * `localTime` with its offset, for a sentence that stands alone, is kept, or is read at another server: `2026-03-01 14:05:09 UTC+01:00`.
 * What is no time is given back as it is.
 */
export const zonedTime = (iso: string): string => {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${localTime(iso)} ${offsetOf(at)}`;
};

/** The same in a report, which is read elsewhere: `2026-03-01 13:05:09 UTC`. What is no time is given back as it is. */
export const utcTime = (iso: string): string => {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** A length of time in its two largest units: `45 s`, `3 min 10 s`, `2 h 5 min`. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return `${days} day${days === 1 ? '' : 's'}`;
};

import { defineMessages } from './define.ts';

/** Failures of replacing the program by another version from a file. */
export const updateMessages = defineMessages({
  UPDATE_NOT_HERE: {
    what: 'This Quorate does not update itself from a file: {reason}.',
    next: '{how}.',
    retry: 'never',
    effect: 'none',
  },
  UPDATE_FILE_UNREADABLE: {
    what: '{path} is not a complete zip file: {reason}.',
    next: 'Copy the file again, and compare its SHA-256 with the one in SHA256SUMS.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_DIGEST_MISSING: {
    what: '{path} cannot be verified: no digest was given, and there is no SHA256SUMS with its name beside it.',
    next: 'Copy SHA256SUMS along with it, or give --sums FILE or --sha256 DIGEST.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_DIGEST_WRONG: {
    what: '{path} is not the file that was published: its SHA-256 is {found}, not {wanted}.',
    next: 'Do not use it. Get the file again from a source you trust.',
    retry: 'never',
    effect: 'none',
  },
  UPDATE_SIGNATURE_WRONG: {
    what: 'The signature of {path} is not valid: {reason}.',
    next: 'Do not use the file. Check that the certificate is the publisher’s, and get file, SHA256SUMS and SHA256SUMS.sig again.',
    retry: 'never',
    effect: 'none',
  },
  UPDATE_NOT_QUORATE: {
    what: '{path} is not a Quorate core: {reason}.',
    next: 'Give the file quorate-core-VERSION-win-x64.zip.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_OTHER_PLATFORM: {
    what: '{path} is for {platform}, and this server needs {wanted}.',
    next: 'Give the file for this platform.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_CONTENT_UNSAFE: {
    what: '{path} holds {name}, which must not be written: {reason}.',
    next: 'Do not use the file: no version of Quorate contains such a thing.',
    retry: 'never',
    effect: 'none',
  },
  UPDATE_CONTENT_WRONG: {
    what: '{name} in {path} is not what its list of contents says: {reason}.',
    next: 'Do not use the file. Get it again from a source you trust.',
    retry: 'never',
    effect: 'none',
  },
  UPDATE_OLDER: {
    what: '{version} is older than {current}, which runs here, and may not be able to read its data.',
    next: 'Use --rollback to go back to the version before, or add --allow-older if you are sure.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_NOT_PERMITTED: {
    what: 'Nothing may be written to {folder}: {reason}.',
    next: 'Open an elevated console (Run as administrator), then try again.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_NOT_STORED: {
    what: 'The new version could not be written to {folder}: {reason}.',
    next: 'Nothing was switched, and what had been written was removed. Fix the cause, then try again.',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_RUNS: {
    what: 'Another update is running in {folder} (process {pid}).',
    next: 'Wait until it has ended.',
    retry: 'later',
    effect: 'none',
  },
  UPDATE_UNFINISHED: {
    what: 'The program is not replaced while something is unfinished: {what}.',
    next: '{next}',
    retry: 'afterChange',
    effect: 'none',
  },
  UPDATE_VERSION_BROKEN: {
    what: 'Version {version} does not start on this server: {reason}.',
    next: 'Nothing was switched: version {current} is in use as before. Report it with this message.',
    retry: 'never',
    effect: 'none',
  },
  UPDATE_NOTHING_EARLIER: {
    what: 'There is no earlier version to go back to in {folder}.',
    next: 'Give the file of the version that you want with "quorate update FILE --allow-older".',
    retry: 'afterChange',
    effect: 'none',
  },
});

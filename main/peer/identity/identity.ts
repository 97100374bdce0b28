import { createPrivateKey, X509Certificate } from 'node:crypto';
import { failure } from '../../../shared/errors/failure.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';
import { fingerprintOf, type ChannelIdentity } from '../../channel/tls.ts';
import { messageOf } from '../../system/reason.ts';
import type { DurableFiles } from '../durable-files.ts';

/** Who this server is to others: made once for a data folder, and kept. */
export interface Identity extends ChannelIdentity {
  readonly fingerprint: string;
  readonly id: string;
}

export const identityFile = 'identity/identity.pem';

const block = (text: string, label: string): string | null =>
  new RegExp(`-----BEGIN ${label}-----[A-Za-z0-9+/=\\s]+-----END ${label}-----`).exec(text)?.[0] ?? null;

/** Reads an identity and proves it to itself. Returns what is wrong as a sentence. */
const readIdentity = (text: string): Identity | string => {
  const certificate = block(text, 'CERTIFICATE');
  const key = block(text, 'PRIVATE KEY');
  if (!certificate || !key) return 'it does not hold one certificate and one key';
  try {
    const parsed = new X509Certificate(certificate);
    const privateKey = createPrivateKey(key);
    if (privateKey.asymmetricKeyType !== 'ec' || privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      return 'its key is not on the curve P-256';
    if (!parsed.checkPrivateKey(privateKey)) return 'its key does not belong to its certificate';
    if (!parsed.verify(parsed.publicKey)) return 'its certificate is not signed by itself';
    const fingerprint = fingerprintOf(parsed);
    return { certificate, key, fingerprint, id: peerIdOf(fingerprint) };
  } catch (error) {
    return `it cannot be read (${messageOf(error)})`;
  }
};

/** The identity of this data folder; null when it has none yet. @throws Failure PEER_IDENTITY_DAMAGED */
export const findIdentity = (files: DurableFiles): Identity | null => {
  const text = files.read(identityFile);
  if (text === null) return null;
  const identity = readIdentity(text);
  if (typeof identity === 'string')
    throw failure('PEER_IDENTITY_DAMAGED', { path: files.pathOf(identityFile), reason: identity });
  return identity;
};

/**
 * The identity of this data folder, made now if it is the first time. It is never replaced silently: where peers know this server already, a
 * missing one is a failure.
 * @throws Failure PEER_IDENTITY_DAMAGED, PEER_IDENTITY_LOST
 */
export const openIdentity = async (
  files: DurableFiles,
  name: string,
  peersThatKnowUs: readonly string[],
  now: () => Date = () => new Date(),
): Promise<Identity> => {
  const kept = findIdentity(files);
  if (kept) return kept;
  if (peersThatKnowUs.length > 0)
    throw failure('PEER_IDENTITY_LOST', { path: files.pathOf(identityFile), peers: peersThatKnowUs.join(', ') });
  const { makeCertificate } = await import('./certificate.ts');
  const { certificate, key } = await makeCertificate(name, now());
  files.replace(identityFile, `${certificate}${key}`);
  const made = findIdentity(files);
  if (!made)
    throw failure('PEER_IDENTITY_DAMAGED', {
      path: files.pathOf(identityFile),
      reason: 'it vanished after it was written',
    });
  return made;
};

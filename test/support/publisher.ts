import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** A publisher's certificate that it made itself, and its key; both PEM. */
export interface Publisher {
  readonly certificate: string;
  readonly key: string;
}

/** @param days from when to when the certificate is valid, from now on */
export const makePublisher = async (days: readonly [number, number] = [-1, 1]): Promise<Publisher> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const at = (day: number): Date => new Date(Date.now() + day * 86_400_000);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Publisher, O=Test',
    notBefore: at(days[0]),
    notAfter: at(days[1]),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.codeSigning])],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: made.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
};

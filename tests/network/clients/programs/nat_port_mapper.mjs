// SPDX-License-Identifier: GPL-2.0-or-later
// The npm package @achingbrain/nat-port-mapper (libp2p): UPnP, one port, both protocols.
import { webcrypto } from 'node:crypto';
import { upnpNat } from '@achingbrain/nat-port-mapper';

globalThis.crypto ??= webcrypto;  // Node 18, which is Debian 12's, has it only as a module.
const own = process.argv[2];
for await (const gateway of upnpNat().findGateways({ signal: AbortSignal.timeout(30000) })) {
  for (const protocol of ['tcp', 'udp']) await gateway.map(40008, own, { protocol, externalPort: 40008 });
  await new Promise((resolve) => process.stdin.once('data', resolve));
  await gateway.stop();
  break;
}
process.exit(0);

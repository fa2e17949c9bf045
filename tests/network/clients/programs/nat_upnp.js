// SPDX-License-Identifier: GPL-2.0-or-later
// The npm package nat-upnp: one port, TCP and UDP.
const client = require('nat-upnp').createClient();
const fail = (error) => { if (error) { console.error(error); process.exit(1); } };
const ports = ['TCP', 'UDP'].map((protocol) => ({ public: 40006, private: 40006, protocol, ttl: 600 }));

ports.forEach((port) => client.portMapping(port, fail));
process.stdin.once('data', () => {
  let left = ports.length;
  ports.forEach((port) => client.portUnmapping(port, (error) => {
    fail(error);
    if (--left === 0) process.exit(0);
  }));
});

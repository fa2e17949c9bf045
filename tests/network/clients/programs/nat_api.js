// SPDX-License-Identifier: GPL-2.0-or-later
// The npm package nat-api (WebTorrent): one port, both protocols, by UPnP as it does by default.
const NatAPI = require('nat-api');
const client = new NatAPI();
const fail = (error) => { if (error) { console.error(error); process.exit(1); } };

client.map(40007, fail);
process.stdin.once('data', () => client.destroy((error) => { fail(error); process.exit(0); }));

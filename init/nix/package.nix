# SPDX-License-Identifier: GPL-2.0-or-later
# nix-build -E '(import <nixpkgs> { }).callPackage ./package.nix { }'
{
  lib,
  stdenv,
  cmake,
  ninja,
  pkg-config,
  boost,
  expat,
  fmt,
  hiredis,
  iptables,
  libcap_ng,
  libnl,
  libseccomp,
  libupnp,
  libxcrypt,
  nftables,
  nlohmann_json,
  systemdLibs,
  tl-expected,
}:

stdenv.mkDerivation {
  pname = "upnpd";
  version = "2.0.0";

  src = lib.cleanSource ../..;

  nativeBuildInputs = [
    cmake
    ninja
    pkg-config
  ];

  buildInputs = [
    boost
    expat
    fmt
    hiredis
    iptables
    libcap_ng
    libnl
    libseccomp
    libupnp
    libxcrypt
    nftables
    nlohmann_json
    systemdLibs
    tl-expected
  ];

  cmakeFlags = [
    (lib.cmakeFeature "UPNPD_INIT" "systemd")
    (lib.cmakeBool "BUILD_TESTING" false)
  ];

  meta = {
    description = "UPnP Internet Gateway Device, NAT-PMP and PCP daemon";
    homepage = "http://linux-igd.sourceforge.net/";
    license = lib.licenses.gpl2Plus;
    platforms = lib.platforms.linux;
    mainProgram = "upnpd";
  };
}

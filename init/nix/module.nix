# SPDX-License-Identifier: GPL-2.0-or-later
# The options are those of services.miniupnpd: a configuration for that one needs another name of the service only.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.upnpd;
  yesNo = value: if value then "yes" else "no";
  configFile = pkgs.writeText "upnpd.conf" ''
    external_interface = ${cfg.externalInterface}
    port_control = ${if cfg.natpmp then "both" else "none"}
    upnp = ${yesNo cfg.upnp}
    ${lib.concatMapStrings (place: ''
      listening_ip = ${place}
    '') cfg.internalIPs}
    ${cfg.appendConfig}
  '';
in
{
  options.services.upnpd = {
    enable = lib.mkEnableOption "upnpd, a UPnP Internet Gateway Device, NAT-PMP and PCP daemon";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package of upnpd.";
    };

    externalInterface = lib.mkOption {
      type = lib.types.str;
      example = "ppp0";
      description = "Name of the interface to the Internet.";
    };

    internalIPs = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      example = [
        "192.168.1.1/24"
        "enp1s0"
      ];
      description = "Interfaces to clients, by their names or by the router's addresses there.";
    };

    natpmp = lib.mkEnableOption "NAT-PMP and PCP";

    upnp = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether to serve UPnP.";
    };

    appendConfig = lib.mkOption {
      type = lib.types.lines;
      default = "";
      description = "More lines, see upnpd.conf(5); those of miniupnpd.conf are read too.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = !config.services.miniupnpd.enable;
        message = "services.upnpd and services.miniupnpd serve the same ports: enable one of them.";
      }
    ];

    environment.systemPackages = [ cfg.package ];

    # The unit, and what else the package brings for systemd; users and groups are declared here.
    systemd.packages = [ cfg.package ];
    systemd.tmpfiles.packages = [ cfg.package ];
    systemd.services.upnpd = {
      wantedBy = [ "multi-user.target" ];
      environment.UPNPD_OPTS = "-c ${configFile}";
      restartTriggers = [ configFile ];
    };

    users.users.upnpd = {
      isSystemUser = true;
      group = "upnpd";
      description = "UPnP gateway daemon";
    };
    users.groups.upnpd = { };
  };
}

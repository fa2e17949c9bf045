# SPDX-License-Identifier: GPL-2.0-or-later
# Net::UPnP for perl: finds the gateway as its manual shows.
use strict;
use warnings;
use Net::UPnP::ControlPoint;
use Net::UPnP::GW::Gateway;

my ($own) = @ARGV;
my @found = Net::UPnP::ControlPoint->new()->search(st => 'upnp:rootdevice', mx => 2);
my ($device) = grep { $_->getdevicetype() eq $Net::UPnP::GW::Gateway::DEVICE_TYPE } @found;
die 'no gateway among ' . join(', ', map { $_->getdevicetype() } @found) unless $device;
my $gateway = Net::UPnP::GW::Gateway->new();
$gateway->setdevice($device);
my @protocols = ('TCP', 'UDP');
for my $protocol (@protocols) {
    $gateway->addportmapping(
        NewExternalPort => 40009, NewProtocol => $protocol, NewInternalPort => 40009,
        NewInternalClient => $own, NewPortMappingDescription => 'perl') or die 'not mapped';
}
<STDIN>;
$gateway->deleteportmapping(NewExternalPort => 40009, NewProtocol => $_) for @protocols;

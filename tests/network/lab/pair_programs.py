# SPDX-License-Identifier: GPL-2.0-or-later
"""How keepalived and conntrackd are set up on one of two routers; see pair.py."""

KEEPALIVED = """global_defs {{
    vrrp_version 3
    script_user root
}}
vrrp_script upnpd {{
    script "{script} check"
    interval 1
    timeout 1
    fall 2
    rise 1
}}
vrrp_sync_group gateway {{
    group {{
        lan
        wan
    }}
    track_script {{
        upnpd
    }}
    notify "{script}"
}}
vrrp_instance lan {{
    interface br-lan
    virtual_router_id 51
    priority {priority}
    advert_int 0.2
    state BACKUP
    nopreempt
    garp_master_delay 1
    virtual_ipaddress {{
        {lan}/24
    }}
}}
vrrp_instance wan {{
    interface wan0
    virtual_router_id 52
    priority {priority}
    advert_int 0.2
    state BACKUP
    nopreempt
    garp_master_delay 1
    virtual_ipaddress {{
        {wan}/24
    }}
}}
"""

CONNTRACKD = """Sync {{
    Mode FTFW {{
    }}
    UDP {{
        IPv4_address 10.99.0.{number}
        IPv4_Destination_Address 10.99.0.{other}
        Port 3780
        Interface sync0
        Checksum on
    }}
}}
General {{
    HashSize 8192
    HashLimit 65536
    LogFile {folder}/conntrackd.log
    LockFile {folder}/conntrackd.lock
    UNIX {{
        Path {folder}/conntrackd.ctl
    }}
    NetlinkBufferSize 2097152
    NetlinkBufferSizeMaxGrowth 8388608
    Filter From Userspace {{
        Address Ignore {{
            IPv4_address 127.0.0.1
            IPv4_address 192.168.50.1
            IPv4_address 192.168.50.2
            IPv4_address 192.168.50.3
            IPv4_address 80.100.100.2
            IPv4_address 80.100.100.3
            IPv4_address 10.99.0.1
            IPv4_address 10.99.0.2
        }}
    }}
}}
"""

# server.profile - everything
Base=debian
DeviceManager=devmaster
Link=dynamic
SystemCalls=any obsolete
Format=ext4

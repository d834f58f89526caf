# server.profile - everything
Base=debian
Link=dynamic
SystemCalls=any obsolete
Format=ext4

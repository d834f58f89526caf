# user.sh - a user's own service manager: started as a unit, used by its user, killed, left
useradd -m -u 1000 alice 2>/dev/null || useradd -m alice
U=$(id -u alice) H=$(getent passwd alice | cut -d: -f6)
as() { runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/$U "$@"; }
us() { as sctl --user "$@"; }
user_core() { for p in $(pgrep -u alice -x sysmaster-core); do echo $p; done; }
mkdir -p $H/.config/systemd/user
cat >$H/.config/systemd/user/hello.service <<-'EOF'
	[Unit]
	Description=of %u in %t, %h
	[Service]
	ExecStart=/bin/sh -c 'env >%t/hello.env; exec sleep 1000'
	RuntimeDirectory=hello
	StateDirectory=hello-state
	[Install]
	WantedBy=default.target
EOF
cat >$H/.config/systemd/user/echo.socket <<-'EOF'
	[Socket]
	ListenStream=%t/echo.sock
	Accept=yes
EOF
cat >$H/.config/systemd/user/echo@.service <<-'EOF'
	[Service]
	ExecStart=/bin/cat
	StandardInput=socket
EOF
mkdir -p $H/.config/environment.d /etc/systemd/user-generators
echo 'FROM_FILE=yes' >$H/.config/environment.d/a.conf
printf '#!/bin/sh\nprintf "[Service]\\nExecStart=/bin/true\\n" >"$1/generated.service"\n' >/etc/systemd/user-generators/10-test
chmod 755 /etc/systemd/user-generators/10-test
chown -R alice: $H

check "the unit starts" timeout 60 $CTL start user@$U.service
[ "$($CTL is-active user@$U.service)" = active ] || { $CTL status user@$U.service user-runtime-dir@$U.service; cat /run/user/$U/sysmaster/core.log; tail -n 20 /run/sysmaster/core.log; }
check_eq "active" active "$($CTL is-active user@$U.service)"
check_eq "its runtime directory is the user's alone" "700 alice" "$(stat -c '%a %U' /run/user/$U)"
check_eq "core runs as the user" 1 "$(user_core | wc -l)"
check_eq "its state is running" running "$(us is-system-running)"
check_eq "default.target is reached" active "$(us is-active default.target)"
check_eq "basic.target, too" active "$(us is-active basic.target)"
check "a service starts" us start hello.service
pid=$(us show -p MainPID --value hello.service)
check_eq "as its user" alice "$(stat -c %U /proc/$pid)"
check_eq "in the user's part of the tree" "/user.slice/user-$U.slice/user@$U.service/app.slice/hello.service" "$(sed -n 's/^0:://p' /proc/$pid/cgroup)"
check_eq "described by the user's words" "of alice in /run/user/$U, $H" "$(us show -p Description --value hello.service)"
until_true 20 grep -q ^PWD= /run/user/$U/hello.env	# it is started when it is forked
check "it has its runtime directory" test -d /run/user/$U/hello
check "and its state directory" test -d $H/.config/hello-state
check_eq "and is told of them" "RUNTIME_DIRECTORY=/run/user/$U/hello
STATE_DIRECTORY=$H/.config/hello-state" "$(grep -E '^(RUNTIME|STATE)_DIRECTORY' /run/user/$U/hello.env | sort)"
check_eq "and of its user" "HOME=$H
USER=alice
XDG_RUNTIME_DIR=/run/user/$U" "$(grep -E '^(HOME|USER|XDG_RUNTIME_DIR)=' /run/user/$U/hello.env | sort)"
check_eq "not of what was said to the manager" "" "$(grep -E '^(NOTIFY_SOCKET|SYSMASTER_.*)=' /run/user/$U/hello.env)"
check_eq "environment.d is read" FROM_FILE=yes "$(grep FROM_FILE /run/user/$U/hello.env)"
check_eq "generators of users run" loaded "$(us show -p LoadState --value generated.service)"
check "a socket listens" us start echo.socket
check_eq "and serves" hello "$(as timeout 10 perl -MIO::Socket::UNIX -e '
	$s = IO::Socket::UNIX->new($ARGV[0]) or die; print $s "hello\n"; $s->shutdown(1); print scalar <$s>' /run/user/$U/echo.sock)"
in_scope() { sed -n 's/^0:://p' "$1"; }
check "a scope for a process of the user's services" as sctl run --user --wait --quiet sctl run --user --scope --quiet --unit=in sh -c 'cat /proc/self/cgroup >$XDG_RUNTIME_DIR/in'
check_eq "is below the manager" "/user.slice/user-$U.slice/user@$U.service/app.slice/in.scope" "$(in_scope /run/user/$U/in)"
check "one for a process from elsewhere" as sctl run --user --scope --quiet --unit=out sh -c 'cat /proc/self/cgroup >$XDG_RUNTIME_DIR/out; sleep 1000 >/dev/null 2>&1 & exec sleep 0'
check_eq "is, too" "/user.slice/user-$U.slice/user@$U.service/app.slice/out.scope" "$(in_scope /run/user/$U/out)"
check_eq "and lives while somebody is in it" active "$(us is-active out.scope)"
check "until it is stopped" us stop out.scope
check_eq "which is no failure" inactive "$(us is-active out.scope)"
check_eq "others' processes may not be moved by a user" "Access denied" "$(as sctl ipc core attach_processes unit=user@$U.service pids=$(core_pid) subgroup=init.scope 2>&1 | grep -o 'Access denied')"
check_eq "nor own ones to where others are the masters" "Access denied" "$(as sctl ipc core attach_processes unit=ssh.service pids=0 2>&1 | grep -o 'Access denied')"
mkdir -p $H/mine /mnt/others
printf '[Mount]\nWhat=tmpfs\nType=tmpfs\nWhere=%s/mine\n' $H >"$H/.config/systemd/user/$(systemd-escape -p --suffix=mount $H/mine)"
chown -R alice: $H/mine $H/.config
us daemon-reload
check_eq "mounts are units of the user's, too" active "$(us is-active -- -.mount)"
mount -t tmpfs none /mnt/others
check "those that come" until_true 10 us is-active -q mnt-others.mount
check_eq "belonging to nobody's order" "" "$(us show -p Before,Conflicts --value mnt-others.mount | tr -d '\n')"
umount /mnt/others
check "and go" until_true 10 sh -c "! runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/$U sctl --user is-active -q mnt-others.mount"
check "what mount(8) refuses to a user has failed" sh -c "! runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/$U sctl --user start $(systemd-escape -p --suffix=mount $H/mine) 2>/dev/null"
check_eq "by its exit status" exit-code "$(us show -p Result --value $(systemd-escape -p --suffix=mount $H/mine))"
us reset-failed
check "enable" us enable hello.service
check "makes a link of the user's" test -L $H/.config/systemd/user/default.target.wants/hello.service
check_eq "is-enabled" enabled "$(us is-enabled hello.service)"
check "daemon-reload" us daemon-reload
check_eq "another user may not" "Access denied" "$(runuser -u nobody -- env SYSMASTER_RUN_DIR=/run/user/$U/sysmaster sctl --user stop hello.service 2>&1 | grep -o 'Access denied\|not run by' | sed 's/not run by/Access denied/')"
check_eq "the system's manager does not know the unit" not-found "$($CTL show -p LoadState --value hello.service)"
check "poweroff is not the user's" sh -c "! runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/$U sctl --user poweroff"

old=$(user_core)
kill -9 $old
until_true 20 sh -c "[ -n \"\$(pgrep -u alice -x sysmaster-core)\" ] && runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/$U sctl --user is-active -q hello.service"
check_eq "kill -9 of the user's core: the service lives" "$pid" "$(us show -p MainPID --value hello.service)"
kill -9 "$(core_pid)"; until_true 20 $CTL is-active -q ssh.service
check_eq "kill -9 of the system's core: both live" "$pid active" "$(us show -p MainPID --value hello.service) $($CTL is-active user@$U.service)"
check "stop ends it" timeout 60 $CTL stop user@$U.service
until_true 5 sh -c "! pgrep -u alice"		# what closes the PAM session ends after it
check_eq "with all that it ran" "" "$(pgrep -u alice -a)"
check "and its runtime directory goes" until_true 10 sh -c "! ls -d /run/user/$U 2>/dev/null"	# by a unit that nobody needs any more
check_eq "the end was a clean one" success "$(prop user@$U.service Result)"
check "started again" timeout 60 $CTL start user@$U.service
check_eq "what is enabled runs" active "$(us is-active hello.service)"
check "exit" us exit
until_true 30 sh -c "[ \"\$($CTL is-active user@$U.service)\" = inactive ]"
check_eq "ends the unit" inactive "$($CTL is-active user@$U.service)"

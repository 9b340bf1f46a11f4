# Run in a helper container: puts the tree at /new, read-only, in place of what is mounted at a path in a session, or
# takes that away. Lookups see the one or the other, never nothing; open files and running programs keep what they have.
#
#   perl - MACHINE PATH (put|take)                   of the session whose processes the helper shares
#   perl - MACHINE PATH (put|take) PID:CONTAINER ... of several, by their first processes as the engine's host counts;
#                                                    for each a line: its container, then "ok" or what is wrong
use strict;
use warnings;

my ($machine, $path, $what, @sessions) = @ARGV;
my %numbers = (x86_64 => [308, 166], aarch64 => [268, 39]);
my ($setns, $umount2) = @{ $numbers{$machine} or die "no system calls are known for $machine\n" };
my ($open_tree, $move_mount, $mount_setattr) = (428, 429, 442);
my ($here, $cloexec, $no_path) = (-100, 02000000, "");
my $tree = -1;

$| = 1;
change(1, "") unless @sessions;
for my $each (@sessions) {
    my ($pid, $container) = split /:/, $each;
    my $child = fork // die "fork: $!\n";
    if (!$child) {
        print eval { change($pid, $container); 1 } ? "$container ok\n" : "$container $@";
        exit 0;
    }
    waitpid $child, 0;
}

sub change {
    my ($pid, $container) = @_;
    take_tree() if $what eq "put";
    open(my $session, "<", "/proc/$pid/ns/mnt") or die "the session's mounts: $!\n";
    is_of($pid, $container) or die "its first process is another one by now\n" if $container;
    die "setns: $!\n" if syscall($setns, fileno($session), 0x20000) < 0;
    open(my $mounts, "<", "/proc/1/mountinfo") or die "mountinfo: $!\n";
    my $mounted = grep { (split / /)[4] eq $path } <$mounts>;

    if ($what eq "take") {
        detach() for 1 .. $mounted;
    }
    elsif (!$mounted) {
        make_directories($path);
        put(0);
    }
    elsif (put(0x200)) {    # beneath the present one, which then goes: there is no moment with neither
        detach();
    }
    else {    # a kernel before 6.5: on top of it
        put(0);
    }
}

sub take_tree {
    my $new = "/new";
    $tree = syscall($open_tree, $here, $new, 1 | $cloexec);
    die "open_tree: $!\n" if $tree < 0;
    my $set = pack("Q4", 1 | 2 | 4, 0, 0, 0);    # read-only, no set-user-id, no devices
    die "mount_setattr: $!\n" if syscall($mount_setattr, $tree, $no_path, 0x1000, $set, length $set) < 0;
}

# After its mounts were opened: a process that had ended before would be in no control group of the container.
sub is_of {
    my ($pid, $container) = @_;
    open(my $groups, "<", "/proc/$pid/cgroup") or return 0;
    return scalar grep { index($_, $container) >= 0 } <$groups>;
}

sub put {
    my ($beneath) = @_;
    return 1 if syscall($move_mount, $tree, $no_path, $here, $path, 4 | $beneath) == 0;
    return 0 if $beneath && $!{EINVAL};
    die "move_mount: $!\n";
}

sub detach {
    die "umount: $!\n" if syscall($umount2, $path, 2) < 0;
}

sub make_directories {
    my $made = "";
    for my $part (grep { length } split m{/}, $_[0]) {
        $made .= "/$part";
        mkdir $made, 0755 or $!{EEXIST} or die "mkdir $made: $!\n";
    }
}

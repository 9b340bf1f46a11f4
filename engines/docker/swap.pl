# Run in a helper container that shares a session's processes: puts the tree at /new, read-only, in place of what is
# mounted at a path in the session, or takes that away. Lookups see the one or the other, never nothing; open files
# and running programs keep what they have.
#
#   perl - MACHINE PATH (put|take)
use strict;
use warnings;

my ($machine, $path, $what) = @ARGV;
my %numbers = (x86_64 => [308, 166], aarch64 => [268, 39]);
my ($setns, $umount2) = @{ $numbers{$machine} or die "no system calls are known for $machine\n" };
my ($open_tree, $move_mount, $mount_setattr) = (428, 429, 442);
my ($here, $cloexec, $no_path) = (-100, 02000000, "");

my $tree = -1;
if ($what eq "put") {
    my $new = "/new";
    $tree = syscall($open_tree, $here, $new, 1 | $cloexec);
    die "open_tree: $!\n" if $tree < 0;
    my $set = pack("Q4", 1 | 2 | 4, 0, 0, 0);    # read-only, no set-user-id, no devices
    die "mount_setattr: $!\n" if syscall($mount_setattr, $tree, $no_path, 0x1000, $set, length $set) < 0;
}

open(my $session, "<", "/proc/1/ns/mnt") or die "the session's mounts: $!\n";
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
    print "over\n";
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

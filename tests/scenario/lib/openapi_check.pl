#!/usr/bin/env perl
# SPDX-License-Identifier: AGPL-3.0-or-later
# A served description and real answers, before a validator that nobody here wrote (JSON::Validator, Debian's libjson-validator-perl).
# usage: openapi_check.pl DESCRIPTION < ANSWERS; answers as lines of JSON: {"method", "path" (as described), "status", "type", "body"}.
# Prints what is wrong, a line each; exit status 1 if anything is.
use strict;
use warnings;
use utf8;
use JSON::Validator::Schema::OpenAPIv3;
use Mojo::JSON qw(decode_json encode_json);

binmode STDOUT, ':utf8';
open my $file, '<', $ARGV[0] or die "$ARGV[0]: $!";
my $text = do { local $/; <$file> };
my $schema = JSON::Validator::Schema::OpenAPIv3->new(decode_json($text));
my @wrong = map {"the description: $_"} @{$schema->errors};

# The validator does not follow a response that is a reference: what it refers to is put in its place.
my $document = decode_json($text);
for my $item (values %{$document->{paths}}) {
	for my $operation (grep { ref eq 'HASH' && $_->{responses} } values %$item) {
		for my $response (values %{$operation->{responses}}) {
			$response = $document->{components}{responses}{$1} if ($response->{'$ref'} // '') =~ m{^#/components/responses/(\w+)$};
		}
	}
}
$schema = JSON::Validator::Schema::OpenAPIv3->new($document);

while (my $line = <STDIN>) {
	my $answer = decode_json($line);
	my ($method, $path, $status) = @$answer{qw(method path status)};
	my $described = $document->{paths}{$path}{lc $method}{responses};
	my $response = $described->{$status} // ($status >= 400 ? $described->{default} : undef);
	my $where = "$method $path -> $status";

	if (!$response) {
		push @wrong, "$where: not described";
	} elsif (!$response->{content}) {
		push @wrong, "$where: a body that is not described" if defined $answer->{body};
	} elsif (!$response->{content}{$answer->{type} // ''}) {
		push @wrong, "$where: the type " . ($answer->{type} // 'none') . ' is not described';
	} else {
		my $body = sub { {exists => 1, value => $answer->{body}, content_type => $answer->{type}} };
		# headers are checked by the scenario
		push @wrong, map {"$where: $_ in " . encode_json($answer->{body})} $schema->validate_response([lc $method, $path, $status], {body => $body, header => sub { {exists => 0} }});
	}
}
print "$_\n" for @wrong;
exit(@wrong ? 1 : 0);

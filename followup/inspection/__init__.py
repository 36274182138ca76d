"""What a file contains beyond what it shows: active content is refused, personal metadata removed."""

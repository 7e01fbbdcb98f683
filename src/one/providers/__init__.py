"""Services outside: what they can be asked, one file each."""

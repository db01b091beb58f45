module netrpc

go 1.19

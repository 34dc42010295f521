module apps-go

go 1.21

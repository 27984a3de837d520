{{- /* What does not go together, each with a sentence that says what to do. All of them at once. */ -}}
{{- define "extauthz.checks" -}}
{{- $found := concat
      (fromJsonArray (include "extauthz.checks.config" .))
      (fromJsonArray (include "extauthz.checks.material" .))
      (fromJsonArray (include "extauthz.checks.listeners" .))
      (fromJsonArray (include "extauthz.checks.pods" .))
      (fromJsonArray (include "extauthz.checks.state" .))
      (fromJsonArray (include "extauthz.checks.around" .)) -}}
{{- if $found -}}
{{- fail (printf "\n\nThese values cannot be used:\n- %s\n" (join "\n- " $found)) -}}
{{- end -}}
{{- end -}}
